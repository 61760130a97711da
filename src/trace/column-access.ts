/** Typed access to the columns of a table that somebody else may have written: everything is checked, nothing assumed. */
import { type Data, DataType, type Vector } from 'apache-arrow';
import { UserError } from '../base/errors.js';
import type { DecodedTable } from './arrow-file.js';

export class ColumnAccess {
  readonly #table: DecodedTable;
  readonly #entry: string;

  constructor(table: DecodedTable, entry: string) {
    this.#table = table;
    this.#entry = entry;
  }

  get rows(): number {
    return this.#table.rows;
  }

  has(name: string): boolean {
    return this.#table.columns.has(name);
  }

  get names(): readonly string[] {
    return [...this.#table.columns.keys()];
  }

  /** An unsigned column of 8, 16 or 32 bits. */
  unsigned(name: string): Uint8Array | Uint16Array | Uint32Array {
    const data = this.#column(name);
    const values: unknown = data.values;
    const fits = values instanceof Uint8Array || values instanceof Uint16Array || values instanceof Uint32Array;
    if (!DataType.isInt(data.type) || !fits) throw this.#wrong(name, 'unsigned integers');
    return this.#checked(name, values);
  }

  /** An int64 column as pairs of 32-bit words, low first. */
  int64Words(name: string): Int32Array {
    const data = this.#column(name);
    const values: unknown = data.values;
    if (!DataType.isInt(data.type) || !(values instanceof BigInt64Array)) throw this.#wrong(name, 'int64');
    const checked = this.#checked(name, values);
    return new Int32Array(checked.buffer, checked.byteOffset, checked.length * 2);
  }

  /** The same as numbers: exact up to 2^53. */
  int64s(name: string): number[] {
    const words = this.int64Words(name);
    return Array.from(
      { length: words.length / 2 },
      (_, i) => words[2 * i + 1]! * 4_294_967_296 + (words[2 * i]! >>> 0),
    );
  }

  int16s(name: string): Int16Array {
    const { type, values } = this.#column(name);
    if (!DataType.isInt(type) || !(values instanceof Int16Array)) throw this.#wrong(name, 'int16');
    return this.#checked(name, values);
  }

  bools(name: string): boolean[] {
    const { type, values } = this.#column(name);
    if (!DataType.isBool(type) || !(values instanceof Uint8Array)) throw this.#wrong(name, 'bool');
    if (values.length * 8 < this.#table.rows) throw this.#tooShort(name, values.length * 8);
    return Array.from({ length: this.#table.rows }, (_, i) => ((values[i >> 3]! >> (i & 7)) & 1) === 1);
  }

  /** A `list<uint32>` column. No value belongs to two rows, so the lists are no longer than the table. */
  uint32Lists(name: string): Uint32Array[] {
    const { type, valueOffsets, children } = this.#column(name);
    const [child] = children;
    const values: unknown = child?.values;
    const isList = DataType.isList(type) && DataType.isInt(child?.type) && values instanceof Uint32Array;
    if (!isList || child === undefined || child.nullCount > 0 || child.offset !== 0)
      throw this.#wrong(name, 'lists of uint32 without nulls');
    const offsets: ArrayLike<number> = valueOffsets;
    const length = Math.min(child.length, values.length);
    if (offsets.length < this.#table.rows + 1) throw this.#tooShort(name, offsets.length - 1);
    return Array.from({ length: this.#table.rows }, (_, i) => {
      const [from, to] = [offsets[i]!, offsets[i + 1]!];
      if (!(from >= 0 && from <= to && to <= length))
        throw new UserError(`${this.#entry}: list ${i} of column ${name} lies outside of its values`);
      return values.subarray(from, to);
    });
  }

  /** A dictionary column: codes that all lie within `names`. */
  dictionary(name: string): { codes: Uint8Array | Uint16Array | Uint32Array; names: readonly string[] } {
    const data = this.#column(name);
    if (!DataType.isDictionary(data.type) || !DataType.isUtf8(data.type.dictionary)) {
      throw this.#wrong(name, 'a dictionary of strings');
    }
    const codes: unknown = data.values;
    if (!(codes instanceof Uint8Array || codes instanceof Uint16Array || codes instanceof Uint32Array)) {
      throw this.#wrong(name, 'a dictionary with unsigned codes');
    }
    const names = this.#strings(name, data.dictionary);
    const checked = this.#checked(name, codes);
    for (let i = 0; i < checked.length; i++) {
      if (checked[i]! >= names.length) {
        throw new UserError(
          `${this.#entry}: row ${i} of ${name} is code ${checked[i]}, the dictionary has ${names.length} names`,
        );
      }
    }
    return { codes: checked, names };
  }

  /** Strings of a dictionary column, one per row. */
  strings(name: string): string[] {
    const { codes, names } = this.dictionary(name);
    return Array.from(codes, (code) => names[code]!);
  }

  /** The text of a dictionary. Offsets that go back would make few bytes into endless text. */
  #strings(name: string, dictionary: Vector | undefined): string[] {
    for (const { valueOffsets, values, length } of dictionary?.data ?? []) {
      const offsets: ArrayLike<number> = valueOffsets ?? [];
      for (let i = 0; i < length; i++) {
        if (!(offsets[i]! >= 0 && offsets[i]! <= offsets[i + 1]! && offsets[i + 1]! <= values.length)) {
          throw new UserError(`${this.#entry}: name ${i} of column ${name} lies outside of the names' text`);
        }
      }
    }
    return Array.from(dictionary ?? [], (value: unknown) => (typeof value === 'string' ? value : ''));
  }

  #column(name: string): Data {
    const data = this.#table.columns.get(name);
    if (data === undefined) throw new UserError(`${this.#entry}: has no column ${name}`);
    if (data.nullCount > 0) throw new UserError(`${this.#entry}: column ${name} holds nulls, expected none`);
    if (data.offset !== 0) throw this.#wrong(name, 'a column without an offset');
    return data;
  }

  #checked<T extends { length: number; subarray(from: number, to: number): T }>(name: string, values: T): T {
    if (values.length < this.#table.rows) throw this.#tooShort(name, values.length);
    return values.subarray(0, this.#table.rows);
  }

  #tooShort(name: string, values: number): UserError {
    return new UserError(`${this.#entry}: column ${name} has ${values} values for ${this.#table.rows} rows`);
  }

  #wrong(name: string, expected: string): UserError {
    return new UserError(
      `${this.#entry}: column ${name} is ${this.#table.columns.get(name)?.type}, expected ${expected}`,
    );
  }
}
