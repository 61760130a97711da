/**
 * Functions by address and by name, read from the function table in place: no object per function exists, so an
 * executable with a million functions costs no more memory than one with ten.
 */
import type { ByteReader } from './byte-reader.js';
import { pieces } from './byte-search.js';
import type { GoFunction } from './go-executable.js';
import type { PclntabHeader } from './pclntab-header.js';

/** Generic instantiations have long names; a longer one than this is cut. */
const MAX_NAME_BYTES = 4096;
const ENTRY_BYTES = 8;

export class FunctionTable {
  readonly reader: ByteReader;
  readonly header: PclntabHeader;
  readonly textStart: number;

  constructor(reader: ByteReader, header: PclntabHeader, textStart: number) {
    this.reader = reader;
    this.header = header;
    this.textStart = textStart;
  }

  /** Index of the function that holds a link-time address; -1 outside of Go code. */
  indexAt(pc: number): number {
    const wanted = pc - this.textStart;
    let [low, high] = [0, this.header.functionCount];
    if (wanted < this.#entryOffset(low) || wanted >= this.#entryOffset(high)) return -1;
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.#entryOffset(middle) <= wanted) low = middle;
      else high = middle;
    }
    return low;
  }

  functionAt(pc: number): GoFunction | undefined {
    const index = this.indexAt(pc);
    return index < 0 ? undefined : this.function(index);
  }

  function(index: number): GoFunction {
    const name = this.nameAt(this.#nameOffset(index));
    return { name, entry: this.entry(index), end: this.textStart + this.#entryOffset(index + 1) };
  }

  entry(index: number): number {
    return this.textStart + this.#entryOffset(index);
  }

  /** File offset of the function's `_func`. */
  record(index: number): number {
    return this.header.functions + this.reader.u32(this.header.functions + index * ENTRY_BYTES + 4);
  }

  /** The name at an offset into the table of names. */
  nameAt(nameOffset: number): string {
    return this.reader.cString(this.header.names + nameOffset, MAX_NAME_BYTES);
  }

  /**
   * Functions of the given names. Where several have one name (an ABI wrapper is called as what it wraps),
   * the longest one, which has the body, is taken.
   */
  findFunctions(names: readonly string[]): ReadonlyMap<string, GoFunction> {
    const nameByOffset = this.#findNames(names);
    const found = new Map<string, GoFunction>();
    for (let index = 0; index < this.header.functionCount; index++) {
      const name = nameByOffset.get(this.#nameOffset(index));
      if (name === undefined) continue;
      const candidate = this.function(index);
      const known = found.get(name);
      if (!known || candidate.end - candidate.entry > known.end - known.entry) found.set(name, candidate);
    }
    return found;
  }

  /** Offsets into the table of names, where every name stands once between NULs. */
  #findNames(names: readonly string[]): ReadonlyMap<number, string> {
    const { names: start, unitFiles: end } = this.header;
    const patterns = names.map((name) => ({ name, bytes: Buffer.from(`\0${name}\0`) }));
    const longest = Math.max(0, ...patterns.map(({ bytes }) => bytes.length));
    const nameByOffset = new Map<number, string>();
    // One byte earlier: the first name has no NUL before it, but the header's last byte is 0.
    for (const piece of pieces(this.reader, start - 1, end, longest)) {
      for (const { name, bytes } of patterns) {
        const at = piece.bytes.indexOf(bytes);
        if (at >= 0) nameByOffset.set(piece.start + at + 1 - start, name);
      }
    }
    return nameByOffset;
  }

  #entryOffset(index: number): number {
    return this.reader.u32(this.header.functions + index * ENTRY_BYTES);
  }

  #nameOffset(index: number): number {
    return this.reader.i32(this.record(index) + 4);
  }
}
