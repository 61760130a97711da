/**
 * Where a variable is when a function has just been entered. Sources: DWARF 4, 2.6.2 (`.debug_loc`); DWARF 5, 7.7.3
 * (`.debug_loclists`); 2.6.1 and 7.7.1 (expressions).
 */
import type { ByteReader } from './byte-reader.js';
import { DwarfCursor } from './dwarf-cursor.js';
import type { DwarfEntries, DwarfUnit, LocationAttribute } from './dwarf-entries.js';
import { dwarfSection } from './dwarf-sections.js';
import type { ElfFile } from './elf-file.js';

/** Part of a variable: a register by DWARF's number, memory, or nowhere. */
export interface LocationPiece {
  readonly place: { readonly register: number } | 'stack' | 'nowhere';
  /** Undefined: all of the variable. */
  readonly bytes: number | undefined;
}

const Entry = {
  end: 0,
  baseAddressx: 1,
  startxEndx: 2,
  startxLength: 3,
  offsetPair: 4,
  baseAddress: 6,
  startEnd: 7,
  startLength: 8,
};
const MAX_ENTRIES = 100_000;
const ALL_ONES = 0xffffffff;

export class DwarfLocations {
  readonly #entries: DwarfEntries;
  readonly #lists: ByteReader | undefined;
  readonly #newLists: ByteReader | undefined;

  constructor(elf: ElfFile, entries: DwarfEntries) {
    this.#entries = entries;
    this.#lists = dwarfSection(elf, 'loc');
    this.#newLists = dwarfSection(elf, 'loclists');
  }

  /** Empty when the variable is nowhere at `pc`, or in a way that is not understood. */
  piecesAt(unit: DwarfUnit, location: LocationAttribute, pc: number): readonly LocationPiece[] {
    if (location.kind === 'expression') return readPieces(this.#entries.info, location.start, location.length);
    const lists = unit.version >= 5 ? this.#newLists : this.#lists;
    if (!lists) return [];
    const ranges =
      unit.version >= 5 ? this.#ranges(lists, unit, location.offset) : this.#oldRanges(lists, unit, location.offset);
    for (const { from, to, start, length } of ranges) {
      if (pc >= from && pc < to) return readPieces(lists, start, length);
    }
    return [];
  }

  *#oldRanges(lists: ByteReader, unit: DwarfUnit, offset: number): Generator<Range> {
    const root = this.#entries.rootOf(unit);
    let base = (root && this.#entries.lowPc(root)) ?? 0;
    for (let at = offset, count = 0; count < MAX_ENTRIES; count++) {
      const [from, to] = [lists.u64(at), lists.u64(at + 8)];
      if (from === 0 && to === 0) return;
      if (lists.u32(at) === ALL_ONES && lists.u32(at + 4) === ALL_ONES) {
        base = to;
        at += 16;
        continue;
      }
      const length = lists.u16(at + 16);
      yield { from: base + from, to: base + to, start: at + 18, length };
      at += 18 + length;
    }
  }

  *#ranges(lists: ByteReader, unit: DwarfUnit, offset: number): Generator<Range> {
    const address = (index: number) => this.#entries.addressOfIndex(unit, index) ?? Number.NaN;
    const root = this.#entries.rootOf(unit);
    let base = (root && this.#entries.lowPc(root)) ?? 0;
    const cursor = new DwarfCursor(lists, offset);
    const word = () => {
      cursor.at += 8;
      return lists.u64(cursor.at - 8);
    };
    for (let count = 0; count < MAX_ENTRIES; count++) {
      const kind = lists.u8(cursor.at++);
      if (kind === Entry.baseAddressx) base = address(cursor.uleb());
      else if (kind === Entry.baseAddress) base = word();
      else {
        const range = readRange(kind, cursor, { base, address, word });
        if (!range) return;
        const length = cursor.uleb();
        yield { ...range, start: cursor.at, length };
        cursor.at += length;
      }
    }
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
  /** Of its expression. */
  readonly start: number;
  readonly length: number;
}

interface RangeContext {
  readonly base: number;
  readonly address: (index: number) => number;
  readonly word: () => number;
}

/** Undefined at the end of a list, or for a kind that is not known. */
function readRange(
  kind: number,
  cursor: DwarfCursor,
  { base, address, word }: RangeContext,
): { readonly from: number; readonly to: number } | undefined {
  const first = () => (kind === Entry.startEnd || kind === Entry.startLength ? word() : cursor.uleb());
  switch (kind) {
    case Entry.offsetPair:
      return { from: base + first(), to: base + cursor.uleb() };
    case Entry.startxEndx:
      return { from: address(first()), to: address(cursor.uleb()) };
    case Entry.startEnd:
      return { from: first(), to: word() };
    case Entry.startxLength:
    case Entry.startLength: {
      const from = kind === Entry.startLength ? first() : address(first());
      return { from, to: from + cursor.uleb() };
    }
    default:
      return undefined;
  }
}

const Op = { reg0: 0x50, reg31: 0x6f, regx: 0x90, fbreg: 0x91, piece: 0x93, callFrameCfa: 0x9c };

/** Registers and the frame, alone or in pieces: all that Go writes for variables. Empty for anything else. */
function readPieces(reader: ByteReader, start: number, length: number): LocationPiece[] {
  const cursor = new DwarfCursor(reader, start);
  const pieces: LocationPiece[] = [];
  let place: LocationPiece['place'] | undefined;
  while (cursor.at < start + length) {
    const op = reader.u8(cursor.at++);
    if (op === Op.piece) {
      pieces.push({ place: place ?? 'nowhere', bytes: cursor.uleb() });
      place = undefined;
    } else if (op >= Op.reg0 && op <= Op.reg31) place = { register: op - Op.reg0 };
    else if (op === Op.regx) place = { register: cursor.uleb() };
    else if (op === Op.callFrameCfa) place = 'stack';
    else if (op === Op.fbreg) {
      cursor.uleb(); // signed: the same length
      place = 'stack';
    } else return [];
  }
  return place === undefined ? pieces : [{ place, bytes: undefined }];
}
