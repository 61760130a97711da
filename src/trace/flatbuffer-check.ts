/**
 * Proves that flatbuffer bytes keep within their buffer before generated code reads them, like the verifier of the C++
 * library (flatbuffers `verifier.h`), which JavaScript lacks: there a damaged length of 2^31 is a loop of 2^31 rounds.
 */

/** What a table's slot holds. A number is a scalar of that many bytes. */
export type SlotShape =
  | number
  | 'string'
  | { readonly table: () => TableShape }
  | { readonly tables: () => TableShape }
  /** A vector of scalars or structs of so many bytes. */
  | { readonly vector: number }
  /** A union, whose tag (one byte) is the slot before. Unknown tags are not followed. */
  | { readonly union: (tag: number) => TableShape };

/** Slots in the order of the schema's field ids. */
export type TableShape = readonly SlotShape[];

const MAXIMUM_DEPTH = 32;
/** Tables that share bytes could otherwise make few bytes into endless work. */
const MAXIMUM_TABLES = 20_000;

/** @throws RangeError when a part lies outside of `bytes` */
export function checkFlatbuffer(bytes: Uint8Array, root: TableShape): void {
  new Checker(bytes).table(0, root, 0);
}

class Checker {
  readonly #view: DataView;
  #tables = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The table that the offset at `at` points to. DataView throws RangeError outside of its bytes. */
  table(at: number, shape: TableShape, depth: number): void {
    if (depth > MAXIMUM_DEPTH || ++this.#tables > MAXIMUM_TABLES) throw new RangeError('too many parts');
    const start = this.#target(at);
    const slots = this.#slots(start);
    for (const [slot, kind] of shape.entries()) {
      const offset = slots(slot);
      if (offset === 0) continue;
      if (typeof kind === 'object' && 'union' in kind) {
        const tagAt = slots(slot - 1);
        this.table(start + offset, kind.union(tagAt === 0 ? 0 : this.#view.getUint8(start + tagAt)), depth + 1);
      } else this.#slot(start + offset, kind, depth);
    }
  }

  #slot(at: number, kind: Exclude<SlotShape, { readonly union: unknown }>, depth: number): void {
    if (typeof kind === 'number') this.#range(at, kind);
    else if (kind === 'string') this.#vector(this.#target(at), 1);
    else if ('table' in kind) this.table(at, kind.table(), depth + 1);
    else if ('vector' in kind) this.#vector(this.#target(at), kind.vector);
    else {
      const vector = this.#target(at);
      const count = this.#vector(vector, 4);
      for (let i = 0; i < count; i++) this.table(vector + 4 + 4 * i, kind.tables(), depth + 1);
    }
  }

  /** Offsets of a table's slots from its start, 0 for one that is absent. */
  #slots(start: number): (slot: number) => number {
    const vtable = start - this.#view.getInt32(start, true);
    const vtableBytes = this.#view.getUint16(vtable, true);
    this.#range(vtable, vtableBytes);
    this.#range(start, this.#view.getUint16(vtable + 2, true));
    return (slot) => (4 + 2 * slot + 2 <= vtableBytes ? this.#view.getUint16(vtable + 4 + 2 * slot, true) : 0);
  }

  #vector(at: number, elementBytes: number): number {
    const count = this.#view.getUint32(at, true);
    this.#range(at + 4, count * elementBytes);
    return count;
  }

  #target(at: number): number {
    return at + this.#view.getUint32(at, true);
  }

  #range(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.#view.byteLength) {
      throw new RangeError(`bytes ${at}..${at + bytes} of a flatbuffer of ${this.#view.byteLength}`);
    }
  }
}
