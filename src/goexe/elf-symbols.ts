/** Values of a few wanted symbols of `.symtab`, without holding the table. Source: <elf.h>, Elf64_Sym. */
import { occurrences } from './byte-search.js';
import { type ElfFile, sectionNamed } from './elf-file.js';

const SYMBOL_BYTES = 24;

/** Values by name; names that the file does not hold (or all, when it is stripped) are missing. */
export function findSymbols(elf: ElfFile, names: readonly string[]): ReadonlyMap<string, number> {
  const symtab = sectionNamed(elf, '.symtab');
  const strtab = symtab && elf.sections[symtab.link];
  const values = new Map<string, number>();
  if (!symtab || !strtab) return values;
  const nameByOffset = new Map<number, string>();
  for (const name of names) {
    const pattern = Buffer.from(`${name}\0`);
    for (const at of occurrences(elf.reader, strtab.offset, strtab.offset + strtab.size, pattern)) {
      nameByOffset.set(at - strtab.offset, name);
    }
  }
  for (let at = symtab.offset; at + SYMBOL_BYTES <= symtab.offset + symtab.size; at += SYMBOL_BYTES) {
    const name = nameByOffset.get(elf.reader.u32(at));
    if (name !== undefined && elf.reader.u16(at + 6) !== 0) values.set(name, elf.reader.u64(at + 8));
  }
  return values;
}
