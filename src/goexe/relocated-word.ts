/**
 * Pointers in position-independent executables. The dynamic loader adds the load bias to every word named by a RELATIVE
 * relocation; the link-time value is its addend. Go's linker and GNU ld also store it in the word itself, others need not.
 */
import { type ElfFile, type ElfSection, fileOffsetOf, sectionNamed } from './elf-file.js';

const SHT_RELA = 4;
const RELA_BYTES = 24;
const RELATIVE_TYPE = { amd64: 8, arm64: 1027 } as const;

/** Link-time value of the 8-byte word at an address; undefined when the file does not hold it. */
export function readPointer(elf: ElfFile, vaddr: number): number | undefined {
  const offset = fileOffsetOf(elf, vaddr);
  if (offset === undefined || !elf.reader.has(offset, 8)) return undefined;
  const inFile = elf.reader.u64(offset);
  return inFile === 0 && elf.positionIndependent
    ? (findRelocation(elf, (place) => place === vaddr)?.addend ?? 0)
    : inFile;
}

/** Address of a word that the loader sets to `target`. */
export function findPointerTo(elf: ElfFile, target: number): number | undefined {
  return findRelocation(elf, (_, addend) => addend === target)?.place;
}

interface Relocation {
  readonly place: number;
  readonly addend: number;
}

function findRelocation(elf: ElfFile, wanted: (place: number, addend: number) => boolean): Relocation | undefined {
  const section = sectionNamed(elf, '.rela.dyn', '.rela');
  return section?.type === SHT_RELA ? scan(elf, section, wanted) : undefined;
}

function scan(
  elf: ElfFile,
  section: ElfSection,
  wanted: (place: number, addend: number) => boolean,
): Relocation | undefined {
  const relative = RELATIVE_TYPE[elf.arch];
  const end = section.offset + section.size;
  for (let at = section.offset; at + RELA_BYTES <= end; at += RELA_BYTES) {
    if (elf.reader.u32(at + 8) !== relative) continue;
    const [place, addend] = [elf.reader.u64(at), elf.reader.u64(at + 16)];
    if (wanted(place, addend)) return { place, addend };
  }
  return undefined;
}
