/**
 * The parts of a 64-bit little-endian ELF file that matter here: sections, loadable segments, address → file offset.
 * Source: System V ABI, "Object Files"; <elf.h>.
 */
import { UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
import type { ByteReader } from './byte-reader.js';
import type { GoArch } from './go-executable.js';

const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const SEGMENT_BYTES = 56;
const ET_EXEC = 2;
const ET_DYN = 3;
const PT_LOAD = 1;
const SHT_NOBITS = 8;
const MAX_NAME_BYTES = 256;

const archByMachine: ReadonlyMap<number, GoArch> = new Map([
  [62, 'amd64'],
  [183, 'arm64'],
]);
const otherMachines: ReadonlyMap<number, string> = new Map([
  [3, '386'],
  [8, 'MIPS'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [243, 'RISC-V'],
  [258, 'LoongArch'],
]);

export interface ElfSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly vaddr: number;
  readonly offset: number;
  readonly size: number;
  /** Index of the linked section: a symbol table's strings. */
  readonly link: number;
}

/** A PT_LOAD. */
export interface ElfSegment {
  readonly vaddr: number;
  readonly offset: number;
  readonly fileSize: number;
  readonly executable: boolean;
}

export interface ElfFile {
  readonly reader: ByteReader;
  readonly arch: GoArch;
  readonly positionIndependent: boolean;
  /** `e_entry`: address of the first instruction. */
  readonly entry: number;
  readonly sections: readonly ElfSection[];
  /** In the order of the program header table; never empty. */
  readonly loads: readonly ElfSegment[];
}

/** @throws UserError for anything but an x86-64 or arm64 executable or PIE. */
export function readElfFile(reader: ByteReader): ElfFile {
  checkIdent(reader);
  const type = reader.u16(16);
  if (type !== ET_EXEC && type !== ET_DYN) {
    throw new UserError(`not an executable: ${reader.name} is ${typeName(type)}`);
  }
  const loads = readLoads(reader);
  if (loads.length === 0) throw new UserError(`not an executable: ${reader.name} has no loadable segment`);
  const end = Math.max(...loads.map(({ offset, fileSize }) => offset + fileSize));
  if (end > reader.size) throw new UserError(`cut off: ${reader.name} has ${reader.size} bytes of ${end}`);
  return {
    reader,
    arch: readArch(reader),
    positionIndependent: type === ET_DYN,
    entry: reader.u64(24),
    sections: readSections(reader),
    loads,
  };
}

/** The first section of that name that has bytes in the file. */
export function sectionNamed(elf: ElfFile, ...names: readonly string[]): ElfSection | undefined {
  return elf.sections.find(
    (section) =>
      names.includes(section.name) && section.type !== SHT_NOBITS && elf.reader.has(section.offset, section.size),
  );
}

/** Undefined for an address that no PT_LOAD takes from the file. */
export function fileOffsetOf(elf: ElfFile, vaddr: number): number | undefined {
  const load = elf.loads.find(({ vaddr: start, fileSize }) => vaddr >= start && vaddr < start + fileSize);
  return load && load.offset + (vaddr - load.vaddr);
}

/** Inverse of {@link fileOffsetOf}. */
export function vaddrOf(elf: ElfFile, fileOffset: number): number | undefined {
  const load = elf.loads.find(({ offset, fileSize }) => fileOffset >= offset && fileOffset < offset + fileSize);
  return load && load.vaddr + (fileOffset - load.offset);
}

function checkIdent(reader: ByteReader): void {
  const { name } = reader;
  const start = reader.bytes(0, Math.min(4, reader.size));
  if (start.length === 0) throw new UserError(`not an ELF file: ${name} is empty`);
  if (start[0] !== 0x7f || Buffer.from(start).toString('latin1', 1) !== 'ELF') {
    const text = printable(Buffer.from(start).toString('latin1'));
    throw new UserError(
      `not an ELF file: ${name} starts with ${JSON.stringify(text)} (gotape reads Linux executables)`,
    );
  }
  if (reader.size < HEADER_BYTES)
    throw new UserError(`cut off: ${name} has ${reader.size} bytes, less than an ELF header`);
  if (reader.u8(4) !== 2) throw new UserError(`32-bit executable: ${name} (gotape supports amd64 and arm64)`);
  if (reader.u8(5) !== 1) throw new UserError(`big-endian executable: ${name} (gotape supports amd64 and arm64)`);
}

function readArch(reader: ByteReader): GoArch {
  const machine = reader.u16(18);
  const arch = archByMachine.get(machine);
  if (arch) return arch;
  const found = otherMachines.get(machine) ?? `ELF machine ${machine}`;
  throw new UserError(`wrong architecture: ${reader.name} is for ${found} (gotape supports amd64 and arm64)`);
}

function typeName(type: number): string {
  const names: Readonly<Record<number, string>> = { 1: 'an object file', 4: 'a core dump' };
  return names[type] ?? `an ELF file of type ${type}`;
}

function readLoads(reader: ByteReader): ElfSegment[] {
  const { start, entryBytes, count } = { start: reader.u64(32), entryBytes: reader.u16(54), count: reader.u16(56) };
  if (count > 0 && entryBytes !== SEGMENT_BYTES) {
    throw new UserError(`damaged executable: ${reader.name} has program headers of ${entryBytes} bytes, not 56`);
  }
  const loads: ElfSegment[] = [];
  for (let at = start, i = 0; i < count; i++, at += SEGMENT_BYTES) {
    if (reader.u32(at) !== PT_LOAD) continue;
    loads.push({
      executable: (reader.u32(at + 4) & 1) !== 0,
      offset: reader.u64(at + 8),
      vaddr: reader.u64(at + 16),
      fileSize: reader.u64(at + 32),
    });
  }
  return loads;
}

/** Section headers are optional at run time: none, or a table outside of the file (`sstrip`), gives an empty list. */
function readSections(reader: ByteReader): ElfSection[] {
  const { start, entryBytes, count } = { start: reader.u64(40), entryBytes: reader.u16(58), count: reader.u16(60) };
  if (count === 0 || entryBytes !== SECTION_BYTES || !reader.has(start, count * SECTION_BYTES)) return [];
  const names = start + reader.u16(62) * SECTION_BYTES;
  const namesAt = reader.has(names, SECTION_BYTES) ? reader.u64(names + 24) : reader.size;
  return Array.from({ length: count }, (_, i) => readSection(reader, start + i * SECTION_BYTES, namesAt));
}

function readSection(reader: ByteReader, at: number, namesAt: number): ElfSection {
  const nameAt = namesAt + reader.u32(at);
  return {
    name: reader.has(nameAt, 1) ? reader.cString(nameAt, MAX_NAME_BYTES) : '',
    type: reader.u32(at + 4),
    flags: reader.u64(at + 8),
    vaddr: reader.u64(at + 16),
    offset: reader.u64(at + 24),
    size: reader.u64(at + 32),
    link: reader.u32(at + 40),
  };
}
