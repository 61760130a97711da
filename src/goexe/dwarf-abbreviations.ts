/** `.debug_abbrev`: the shapes of debugging entries. Source: DWARF 5, section 7.5.3. */
import type { ByteReader } from './byte-reader.js';
import { DwarfCursor } from './dwarf-cursor.js';

const IMPLICIT_CONST = 0x21;
/** Go's linker has some fifty, gcc a few hundred per unit. */
const MAX_ABBREVIATIONS = 100_000;

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly { readonly name: number; readonly form: number }[];
}

/** The table at an offset, by code. */
export function readAbbreviations(section: ByteReader, offset: number): ReadonlyMap<number, Abbreviation> {
  const cursor = new DwarfCursor(section, offset);
  const table = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0 && table.size < MAX_ABBREVIATIONS; code = cursor.uleb()) {
    table.set(code, readAbbreviation(section, cursor));
  }
  return table;
}

function readAbbreviation(section: ByteReader, cursor: DwarfCursor): Abbreviation {
  const tag = cursor.uleb();
  const hasChildren = section.u8(cursor.at++) !== 0;
  const attributes: { readonly name: number; readonly form: number }[] = [];
  for (;;) {
    const [name, form] = [cursor.uleb(), cursor.uleb()];
    if (form === IMPLICIT_CONST) cursor.uleb(); // the constant itself, signed: same length
    if (name === 0 && form === 0) return { tag, hasChildren, attributes };
    attributes.push({ name, form });
  }
}
