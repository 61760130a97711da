/** Rows on their way into a file: columns that grow, and are emptied when they were written. */
import type { ColumnSchema, TableSchema } from './table-schema.js';

const FIRST_ROWS = 1024;
/** Text of a null. */
export const NULL_TEXT = 0;

export class TableBuffer {
  readonly schema: TableSchema;
  readonly columns: readonly ColumnBuffer[];
  length = 0;
  /** All rows so far, those that were written before included. */
  total = 0;
  #at = 0;

  constructor(schema: TableSchema) {
    this.schema = schema;
    this.columns = schema.columns.map((column) => new ColumnBuffer(column));
  }

  /** Begins a row; its values follow in the order of the columns. */
  row(): this {
    for (const column of this.columns) column.reserve(this.length + 1);
    this.length++;
    this.total++;
    this.#at = 0;
    return this;
  }

  number(value: number): this {
    this.columns[this.#at++]!.values[this.length - 1] = value;
    return this;
  }

  /** A number that means none becomes null. */
  optional(value: number, none: number): this {
    return this.number(value === none ? Number.NaN : value);
  }

  text(value: string): this {
    const column = this.columns[this.#at++]!;
    column.values[this.length - 1] = column.codeOf(value);
    return this;
  }

  clear(): void {
    this.length = 0;
    for (const column of this.columns) column.clear();
  }
}

export class ColumnBuffer {
  readonly schema: ColumnSchema;
  /** Numbers; of a text its index in {@link texts}. */
  values = new Float64Array(FIRST_ROWS);
  texts: string[] = [''];
  #codes = new Map<string, number>([['', NULL_TEXT]]);

  constructor(schema: ColumnSchema) {
    this.schema = schema;
  }

  reserve(rows: number): void {
    if (rows <= this.values.length) return;
    const larger = new Float64Array(this.values.length * 2);
    larger.set(this.values);
    this.values = larger;
  }

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  isNull(row: number): boolean {
    if (!this.schema.nullable) return false;
    const value = this.values[row]!;
    return this.schema.type === 'text' ? value === NULL_TEXT : Number.isNaN(value);
  }

  /** Texts may be of any number, such as the arguments of calls: they are not kept from batch to batch. */
  clear(): void {
    if (this.texts.length === 1) return;
    this.texts = [''];
    this.#codes = new Map([['', NULL_TEXT]]);
  }
}
