/**
 * Offsets of the members of a few structs, from `.debug_info`. Go's linker puts all types into the unit of package runtime:
 * the other units are stepped over by their length. (No well-kept DWARF library for Node was found.)
 * Source: DWARF 4 and 5, sections 7.5.1 (unit headers) and 2.3 (entries).
 */
import type { ByteReader } from './byte-reader.js';
import { type Abbreviation, readAbbreviations } from './dwarf-abbreviations.js';
import { DwarfCursor } from './dwarf-cursor.js';
import { dwarfSection } from './dwarf-sections.js';
import type { ElfFile } from './elf-file.js';

const TAG_MEMBER = 0x0d;
const TAG_STRUCTURE = 0x13;
const AT_NAME = 0x03;
const AT_DATA_MEMBER_LOCATION = 0x38;
const UNIT_COMPILE = 1;
const DWARF64 = 0xffffffff;

/** Offset by member by struct: `structs.get('runtime.g')?.get('goid')`. */
export type StructMembers = ReadonlyMap<string, ReadonlyMap<string, number>>;

interface Sections {
  readonly info: ByteReader;
  readonly abbreviations: ByteReader;
  readonly strings: ByteReader | undefined;
}

interface Unit {
  readonly firstEntry: number;
  readonly end: number;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
}

/**
 * Undefined when the executable has no usable DWARF; structs that it does not describe are missing.
 * @throws UserError when the DWARF is damaged.
 */
export function readStructs(elf: ElfFile, packageName: string, wanted: readonly string[]): StructMembers | undefined {
  const info = dwarfSection(elf, 'info');
  const abbreviations = info && dwarfSection(elf, 'abbrev');
  if (!info || !abbreviations) return undefined;
  const sections = { info, abbreviations, strings: dwarfSection(elf, 'str') };
  const structs = new Map<string, Map<string, number>>();
  for (const unit of units(sections)) {
    // A package has a unit for its Go code and one for each assembly file, all of the same name.
    if (entryName(sections, unit) === packageName) collectStructs(sections, unit, wanted, structs);
    if (structs.size === wanted.length) break;
  }
  return structs;
}

function* units(sections: Sections): Generator<Unit> {
  const { info } = sections;
  const tables = new Map<number, ReadonlyMap<number, Abbreviation>>();
  for (let at = 0, end = 0; at + 12 < info.size; at = end) {
    const length = info.u32(at);
    end = at + 4 + length;
    if (length === DWARF64 || end > info.size) return;
    const header = readUnitHeader(info, at);
    if (!header) continue;
    const table = tables.get(header.tableAt) ?? readAbbreviations(sections.abbreviations, header.tableAt);
    tables.set(header.tableAt, table);
    yield { firstEntry: header.firstEntry, end, abbreviations: table };
  }
}

/** Undefined for other versions than 4 and 5, and for units that are not compilations. */
function readUnitHeader(
  info: ByteReader,
  at: number,
): { readonly tableAt: number; readonly firstEntry: number } | undefined {
  const version = info.u16(at + 4);
  if (version === 4) return { tableAt: info.u32(at + 6), firstEntry: at + 11 };
  const compiled = version === 5 && info.u8(at + 6) === UNIT_COMPILE;
  return compiled ? { tableAt: info.u32(at + 8), firstEntry: at + 12 } : undefined;
}

function collectStructs(
  sections: Sections,
  unit: Unit,
  wanted: readonly string[],
  structs: Map<string, Map<string, number>>,
): void {
  const cursor = new DwarfCursor(sections.info, unit.firstEntry);
  let depth = 0;
  let open: { readonly members: Map<string, number>; readonly depth: number } | undefined;
  while (cursor.at < unit.end) {
    const shape = unit.abbreviations.get(cursor.uleb());
    if (!shape) {
      depth--; // code 0: the end of a list of children
      if (open && depth < open.depth) open = undefined;
      if (structs.size === wanted.length && !open) return;
      continue;
    }
    if (shape.tag === TAG_STRUCTURE) {
      const { name } = readEntry(sections, cursor, shape);
      if (name !== undefined && wanted.includes(name) && !structs.has(name)) {
        open = { members: new Map(), depth: depth + 1 };
        structs.set(name, open.members);
      }
    } else if (shape.tag === TAG_MEMBER && open?.depth === depth) {
      const { name, offset } = readEntry(sections, cursor, shape);
      if (name !== undefined && offset !== undefined) open.members.set(name, offset);
    } else skipEntry(cursor, shape);
    if (shape.hasChildren) depth++;
  }
}

function entryName(sections: Sections, unit: Unit): string | undefined {
  const cursor = new DwarfCursor(sections.info, unit.firstEntry);
  const shape = unit.abbreviations.get(cursor.uleb());
  return shape && readEntry(sections, cursor, shape).name;
}

interface Entry {
  readonly name: string | undefined;
  readonly offset: number | undefined;
}

function readEntry({ strings }: Sections, cursor: DwarfCursor, shape: Abbreviation): Entry {
  let name: string | undefined;
  let offset: number | undefined;
  for (const attribute of shape.attributes) {
    if (attribute.name === AT_NAME) name = cursor.string(attribute.form, strings);
    else if (attribute.name === AT_DATA_MEMBER_LOCATION) offset = cursor.number(attribute.form);
    else cursor.skip(attribute.form);
  }
  return { name, offset };
}

function skipEntry(cursor: DwarfCursor, shape: Abbreviation): void {
  for (const attribute of shape.attributes) cursor.skip(attribute.form);
}
