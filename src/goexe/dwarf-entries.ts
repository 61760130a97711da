/**
 * `.debug_info` entry by entry, with the few kinds of values that Go's compiler and linker write. Source: DWARF 4 and 5,
 * sections 2.3 (entries), 7.5 (format); Go: `cmd/internal/dwarf/dwarf.go`.
 */
import type { ByteReader } from './byte-reader.js';
import { type Abbreviation, readAbbreviations } from './dwarf-abbreviations.js';
import { DwarfCursor } from './dwarf-cursor.js';
import { dwarfSection } from './dwarf-sections.js';
import type { ElfFile } from './elf-file.js';

export const Tag = {
  arrayType: 0x01,
  formalParameter: 0x05,
  member: 0x0d,
  pointerType: 0x0f,
  structureType: 0x13,
  subroutineType: 0x15,
  typedef: 0x16,
  baseType: 0x24,
  subprogram: 0x2e,
} as const;

export const At = {
  location: 0x02,
  name: 0x03,
  byteSize: 0x0b,
  lowPc: 0x11,
  abstractOrigin: 0x31,
  dataMemberLocation: 0x38,
  type: 0x49,
  variableParameter: 0x4b,
  addrBase: 0x73,
  goKind: 0x2900,
} as const;

const Form = {
  addr: 0x01,
  refAddr: 0x10,
  ref4: 0x13,
  secOffset: 0x17,
  block1: 0x0a,
  exprloc: 0x18,
  addrx: 0x1b,
  flag: 0x0c,
};
const UNIT_COMPILE = 1;
const DWARF64 = 0xffffffff;
/** A list of children longer than this is damage. */
const MAX_CHILDREN = 10_000;

export interface DwarfUnit {
  readonly start: number;
  readonly end: number;
  readonly version: number;
  readonly firstEntry: number;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
}

export interface DwarfEntry {
  readonly unit: DwarfUnit;
  readonly tag: number;
  /** Where each attribute's value stands, and its form. */
  readonly attributes: ReadonlyMap<number, { readonly form: number; readonly at: number }>;
  readonly hasChildren: boolean;
  /** Of the entry behind this one: its first child, if it has some. */
  readonly next: number;
}

/** Not a value: where in `.debug_loc` or `.debug_loclists` it stands, or an expression itself. */
export type LocationAttribute =
  | { readonly kind: 'list'; readonly offset: number }
  | { readonly kind: 'expression'; readonly start: number; readonly length: number };

export class DwarfEntries {
  readonly info: ByteReader;
  readonly #abbreviations: ByteReader;
  readonly #strings: ByteReader | undefined;
  readonly #addresses: ByteReader | undefined;
  readonly #tables = new Map<number, ReadonlyMap<number, Abbreviation>>();
  readonly #roots = new Map<DwarfUnit, DwarfEntry>();
  #units: readonly DwarfUnit[] | undefined;

  private constructor(elf: ElfFile, info: ByteReader, abbreviations: ByteReader) {
    this.info = info;
    this.#abbreviations = abbreviations;
    this.#strings = dwarfSection(elf, 'str');
    this.#addresses = dwarfSection(elf, 'addr');
  }

  /** Undefined when the executable has no DWARF. */
  static open(elf: ElfFile): DwarfEntries | undefined {
    const info = dwarfSection(elf, 'info');
    const abbreviations = info && dwarfSection(elf, 'abbrev');
    return info && abbreviations && new DwarfEntries(elf, info, abbreviations);
  }

  get units(): readonly DwarfUnit[] {
    this.#units ??= [...this.#readUnits()];
    return this.#units;
  }

  entryAt(unit: DwarfUnit, offset: number): DwarfEntry | undefined {
    const cursor = new DwarfCursor(this.info, offset);
    const shape = unit.abbreviations.get(cursor.uleb());
    if (!shape) return undefined;
    const attributes = new Map<number, { form: number; at: number }>();
    for (const { name, form } of shape.attributes) {
      attributes.set(name, { form, at: cursor.at });
      cursor.skip(form);
    }
    return { unit, tag: shape.tag, attributes, hasChildren: shape.hasChildren, next: cursor.at };
  }

  /** Entries right below one. */
  *childrenOf(entry: DwarfEntry): Generator<DwarfEntry> {
    if (!entry.hasChildren) return;
    let [at, depth] = [entry.next, 0];
    for (let count = 0; count < MAX_CHILDREN && at < entry.unit.end; count++) {
      const child = this.entryAt(entry.unit, at);
      if (!child) {
        at++; // code 0: the end of a list
        if (depth-- === 0) return;
        continue;
      }
      if (depth === 0) yield child;
      at = child.next;
      if (child.hasChildren) depth++;
    }
  }

  /** Where the subprograms that begin at these addresses stand in a unit, by address. */
  *subprograms(unit: DwarfUnit, wanted: ReadonlySet<number>): Generator<readonly [number, DwarfEntry]> {
    const cursor = new DwarfCursor(this.info, unit.firstEntry);
    let root: DwarfEntry | undefined;
    while (cursor.at < unit.end) {
      const at = cursor.at;
      const shape = unit.abbreviations.get(cursor.uleb());
      if (!shape) continue;
      if (shape.tag === Tag.subprogram || root === undefined) {
        const entry = this.entryAt(unit, at)!;
        root ??= entry;
        cursor.at = entry.next;
        const address = shape.tag === Tag.subprogram ? this.#address(entry, root) : undefined;
        if (address !== undefined && wanted.has(address)) yield [address, entry];
      } else for (const { form } of shape.attributes) cursor.skip(form);
    }
  }

  rootOf(unit: DwarfUnit): DwarfEntry | undefined {
    const root = this.#roots.get(unit) ?? this.entryAt(unit, unit.firstEntry);
    if (root) this.#roots.set(unit, root);
    return root;
  }

  name(entry: DwarfEntry): string | undefined {
    const value = entry.attributes.get(At.name);
    return value && new DwarfCursor(this.info, value.at).string(value.form, this.#strings);
  }

  number(entry: DwarfEntry, attribute: number): number | undefined {
    const value = entry.attributes.get(attribute);
    if (value?.form === Form.flag) return this.info.u8(value.at);
    return value && new DwarfCursor(this.info, value.at).number(value.form);
  }

  /** The entry that an attribute refers to. */
  reference(entry: DwarfEntry, attribute: number): DwarfEntry | undefined {
    const value = entry.attributes.get(attribute);
    if (!value) return undefined;
    const offset = this.info.u32(value.at);
    if (value.form === Form.refAddr) return this.#anywhere(offset);
    return value.form === Form.ref4 ? this.entryAt(entry.unit, entry.unit.start + offset) : undefined;
  }

  location(entry: DwarfEntry): LocationAttribute | undefined {
    const value = entry.attributes.get(At.location);
    if (!value) return undefined;
    if (value.form === Form.secOffset) return { kind: 'list', offset: this.info.u32(value.at) };
    const cursor = new DwarfCursor(this.info, value.at);
    if (value.form === Form.exprloc) {
      const length = cursor.uleb();
      return { kind: 'expression', start: cursor.at, length };
    }
    if (value.form === Form.block1) return { kind: 'expression', start: value.at + 1, length: this.info.u8(value.at) };
    return undefined;
  }

  /** What a unit's location lists count from, and their addresses by index. */
  addressOfIndex(unit: DwarfUnit, index: number): number | undefined {
    const root = this.rootOf(unit);
    const base = root && this.#sectionOffset(root, At.addrBase);
    return base === undefined ? undefined : this.#addresses?.u64(base + index * 8);
  }

  lowPc(entry: DwarfEntry): number | undefined {
    const root = this.rootOf(entry.unit);
    return root && this.#address(entry, root);
  }

  #address(entry: DwarfEntry, root: DwarfEntry): number | undefined {
    const value = entry.attributes.get(At.lowPc);
    if (value?.form === Form.addr) return this.info.u64(value.at);
    if (value?.form !== Form.addrx) return undefined;
    const base = this.#sectionOffset(root, At.addrBase);
    const index = new DwarfCursor(this.info, value.at).uleb();
    return base === undefined ? undefined : this.#addresses?.u64(base + index * 8);
  }

  #sectionOffset(entry: DwarfEntry, attribute: number): number | undefined {
    const value = entry.attributes.get(attribute);
    return value?.form === Form.secOffset ? this.info.u32(value.at) : undefined;
  }

  #anywhere(offset: number): DwarfEntry | undefined {
    const { units } = this;
    let [low, high] = [0, units.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (units[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = units[low];
    return unit && offset >= unit.firstEntry ? this.entryAt(unit, offset) : undefined;
  }

  *#readUnits(): Generator<DwarfUnit> {
    const { info } = this;
    for (let start = 0, end = 0; start + 12 < info.size; start = end) {
      const length = info.u32(start);
      end = start + 4 + length;
      if (length === DWARF64 || end > info.size) return;
      const version = info.u16(start + 4);
      const isCompiled = version === 4 || (version === 5 && info.u8(start + 6) === UNIT_COMPILE);
      if (!isCompiled) continue;
      const abbreviations = this.#table(info.u32(version === 4 ? start + 6 : start + 8));
      yield { start, end, version, firstEntry: start + (version === 4 ? 11 : 12), abbreviations };
    }
  }

  #table(offset: number): ReadonlyMap<number, Abbreviation> {
    const table = this.#tables.get(offset) ?? readAbbreviations(this.#abbreviations, offset);
    this.#tables.set(offset, table);
    return table;
  }
}
