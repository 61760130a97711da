/**
 * The head of Go's function table (`runtime.pclntab`), which every Go executable has, stripped or not.
 * Source: `runtime/symtab.go` (`pcHeader`) and `cmd/link/internal/ld/pcln.go` of Go 1.19 … 1.27.
 */
import { UserError } from '../base/errors.js';
import type { ByteReader } from './byte-reader.js';
import { pieces } from './byte-search.js';
import { type ElfFile, sectionNamed, vaddrOf } from './elf-file.js';

const HEADER_BYTES = 72;
const MAX_FUNCTIONS = 10_000_000;
/** `go118magic` and `go120magic` of `debug/gosym/pclntab.go`: size of `_func` without its arrays. */
const functionBytesByMagic: ReadonlyMap<number, number> = new Map([
  [0xfffffff0, 40],
  [0xfffffff1, 44],
]);
const OLD_MAGICS: readonly number[] = [0xfffffffb, 0xfffffffa];

/** Offsets are file offsets unless said. */
export interface PclntabHeader {
  readonly start: number;
  readonly vaddr: number;
  /** End of the section, or of the segment when there is no section. */
  readonly end: number;
  /** Size of `_func` before its arrays; 40 means Go 1.18/1.19. */
  readonly functionBytes: number;
  /** Smallest instruction: 1 on amd64, 4 on arm64. Deltas of program counters are in this unit. */
  readonly pcQuantum: number;
  readonly functionCount: number;
  /** Address of the word that holds the text base; the word is 0 from Go 1.26 on. */
  readonly textStartVaddr: number;
  readonly names: number;
  readonly unitFiles: number;
  readonly files: number;
  readonly pcTables: number;
  readonly functions: number;
}

/**
 * Undefined when there is none: not a Go program.
 * @throws UserError when there is one of an unsupported kind.
 */
export function findPclntab(elf: ElfFile): PclntabHeader | undefined {
  const section = sectionNamed(elf, '.gopclntab', '.data.rel.ro.gopclntab');
  if (!section) return scanForPclntab(elf);
  const header = readHeader(elf, section.offset, section.offset + section.size);
  if (header) return header;
  refuseOldTable(elf, section.offset, section.size);
  // Tools that rewrite executables may leave a section that is not what its name says.
  return scanForPclntab(elf);
}

/** An external linker merges the table of a PIE into `.data.rel.ro`. It is 8-aligned, not more (seen with Go 1.27). */
function scanForPclntab(elf: ElfFile): PclntabHeader | undefined {
  for (const load of elf.loads) {
    const end = Math.min(load.offset + load.fileSize, elf.reader.size);
    for (const piece of pieces(elf.reader, load.offset, end, 8)) {
      const header = scanPiece(elf, piece.bytes, piece.start, end);
      if (header) return header;
    }
  }
  return undefined;
}

function scanPiece(elf: ElfFile, bytes: Buffer, start: number, end: number): PclntabHeader | undefined {
  for (const magic of functionBytesByMagic.keys()) {
    const pattern = Buffer.of(magic & 0xff, 0xff, 0xff, 0xff, 0, 0);
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
      const header = (start + at) % 8 === 0 ? readHeader(elf, start + at, end) : undefined;
      if (header) return header;
    }
  }
  return undefined;
}

function readHeader(elf: ElfFile, start: number, end: number): PclntabHeader | undefined {
  const { reader } = elf;
  const vaddr = vaddrOf(elf, start);
  if (vaddr === undefined || start + HEADER_BYTES > end || !reader.has(start, HEADER_BYTES)) return undefined;
  const functionBytes = functionBytesByMagic.get(reader.u32(start));
  const pcQuantum = reader.u8(start + 6);
  const expected =
    pcQuantum === (elf.arch === 'amd64' ? 1 : 4) && reader.u16(start + 4) === 0 && reader.u8(start + 7) === 8;
  if (functionBytes === undefined || !expected) return undefined;
  const word = (index: number) => reader.u64(start + 8 + index * 8);
  const header: PclntabHeader = {
    start,
    vaddr,
    end,
    functionBytes,
    pcQuantum,
    functionCount: word(0),
    textStartVaddr: vaddr + 24,
    names: start + word(3),
    unitFiles: start + word(4),
    files: start + word(5),
    pcTables: start + word(6),
    functions: start + word(7),
  };
  return isPlausible(reader, header) ? header : undefined;
}

function isPlausible(reader: ByteReader, header: PclntabHeader): boolean {
  const { start, names, unitFiles, files, pcTables, functions, functionCount } = header;
  const ordered = [start + HEADER_BYTES - 8, names, unitFiles, files, pcTables, functions];
  const inOrder = ordered.every((at, i) => i === 0 || at >= (ordered[i - 1] ?? 0));
  return (
    inOrder &&
    functionCount > 0 &&
    functionCount <= MAX_FUNCTIONS &&
    functions + functionCount * 8 + 4 <= Math.min(header.end, reader.size)
  );
}

function refuseOldTable(elf: ElfFile, start: number, size: number): void {
  if (size < 8 || !OLD_MAGICS.includes(elf.reader.u32(start))) return;
  throw new UserError(`${elf.reader.name} was built with Go 1.17 or older (gotape records Go 1.19 and later)`);
}
