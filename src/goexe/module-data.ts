/**
 * `runtime.firstmoduledata`, for two of its words: the base of all function addresses and that of function data.
 * Source: `type moduledata` in `runtime/symtab.go`; its first word points to the function table in every version.
 */
import { occurrences } from './byte-search.js';
import { type ElfFile, fileOffsetOf, sectionNamed, vaddrOf } from './elf-file.js';
import { findSymbols } from './elf-symbols.js';
import type { PclntabHeader } from './pclntab-header.js';
import { findPointerTo, readPointer } from './relocated-word.js';

const MIN_PC = 160;
const MAX_PC = 168;
const TEXT = 176;
/** A table is pointed to a few times (`pclntable`, `funcnametab`, …); more candidates than this are noise. */
const MAX_CANDIDATES = 16;

export interface ModuleData {
  readonly vaddr: number;
  /** `moduledata.text`: what offsets of functions count from. Not the start of `.text` in a cgo executable. */
  readonly textStart: number;
}

export function findModuleData(elf: ElfFile, table: PclntabHeader): ModuleData | undefined {
  for (const vaddr of candidates(elf, table)) {
    const moduleData = readModuleData(elf, vaddr, table);
    if (moduleData) return moduleData;
  }
  return undefined;
}

/** Any word of the module data; `offset` depends on the Go version. */
export function moduleWord(elf: ElfFile, moduleData: ModuleData, offset: number): number | undefined {
  return readPointer(elf, moduleData.vaddr + offset);
}

function* candidates(elf: ElfFile, table: PclntabHeader): Generator<number> {
  const section = sectionNamed(elf, '.go.module'); // Go 1.26 and later
  if (section) yield section.vaddr;
  const symbol = findSymbols(elf, ['runtime.firstmoduledata']).get('runtime.firstmoduledata');
  if (symbol !== undefined) yield symbol;
  yield* pointersInFile(elf, table.vaddr);
  const relocated = elf.positionIndependent ? findPointerTo(elf, table.vaddr) : undefined;
  if (relocated !== undefined) yield relocated;
}

function* pointersInFile(elf: ElfFile, target: number): Generator<number> {
  const pattern = Buffer.alloc(8);
  pattern.writeBigUInt64LE(BigInt(target));
  let seen = 0;
  for (const load of elf.loads) {
    if (load.executable) continue;
    for (const at of occurrences(elf.reader, load.offset, load.offset + load.fileSize, pattern)) {
      const vaddr = at % 8 === 0 ? vaddrOf(elf, at) : undefined;
      if (vaddr === undefined) continue;
      yield vaddr;
      if (++seen >= MAX_CANDIDATES) return;
    }
  }
}

function readModuleData(elf: ElfFile, vaddr: number, table: PclntabHeader): ModuleData | undefined {
  if (readPointer(elf, vaddr) !== table.vaddr) return undefined;
  const textStart = readPointer(elf, vaddr + TEXT);
  const minPc = readPointer(elf, vaddr + MIN_PC);
  const maxPc = readPointer(elf, vaddr + MAX_PC);
  if (!textStart || minPc === undefined || maxPc === undefined) return undefined;
  const plausible = textStart <= minPc && minPc < maxPc && fileOffsetOf(elf, minPc) !== undefined;
  return plausible ? { vaddr, textStart } : undefined;
}
