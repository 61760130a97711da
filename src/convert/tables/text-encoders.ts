/** Tables as text: CSV (RFC 4180) and newline-delimited JSON. */
import { printable, printableJson } from '../../base/text.js';
import { IsoTime } from './absolute-time.js';
import type { ColumnBuffer, TableBuffer } from './table-buffer.js';
import { type EncoderOptions, NO_BYTES, type TableEncoder } from './table-encoder.js';
import type { TableSchema } from './table-schema.js';

const utf8 = new TextEncoder();
const CHUNK_ROWS = 512;

/** Cells of a column, by row. */
type Cells = (row: number) => string;

/**
 * A header line, then a line per row: control characters and line breaks in names become U+FFFD. Null is an empty cell.
 * Cells are what the trace says: a spreadsheet may take one that begins with `=`, `+`, `-` or `@` for a formula.
 */
export class CsvEncoder implements TableEncoder {
  rows = 0;
  readonly #time: IsoTime;
  #header: string;

  constructor({ columns }: TableSchema, { startRealtimeNs }: EncoderOptions) {
    this.#time = new IsoTime(startRealtimeNs);
    this.#header = `${columns.map(({ name }) => name).join(',')}\n`;
  }

  encode(batch: TableBuffer): Uint8Array {
    const columns = batch.columns.map((column) => cellsOf(column, this.#time, '', csvText));
    const header = this.#header;
    this.#header = '';
    this.rows += batch.length;
    return encodeLines(header, batch.length, (row) => {
      let line = columns[0]!(row);
      for (let i = 1; i < columns.length; i++) line += `,${columns[i]!(row)}`;
      return `${line}\n`;
    });
  }

  finish(): Uint8Array {
    return utf8.encode(this.#header);
  }
}

/** An object per line. Null is `null`; control characters are escaped. */
export class NdjsonEncoder implements TableEncoder {
  rows = 0;
  readonly #time: IsoTime;

  constructor(_schema: TableSchema, { startRealtimeNs }: EncoderOptions) {
    this.#time = new IsoTime(startRealtimeNs);
  }

  encode(batch: TableBuffer): Uint8Array {
    const columns = batch.columns.map((column) => cellsOf(column, this.#time, 'null', jsonCell));
    const keys = batch.columns.map(({ schema }, i) => `${i === 0 ? '{' : ','}"${schema.name}":`);
    this.rows += batch.length;
    return encodeLines('', batch.length, (row) => {
      let line = '';
      for (let i = 0; i < columns.length; i++) line += keys[i]! + columns[i]!(row);
      return `${line}}\n`;
    });
  }

  finish(): Uint8Array {
    return NO_BYTES;
  }
}

/** A few rows at a time: the text of a whole batch would take ten times its bytes. */
function encodeLines(header: string, rows: number, lineOf: Cells): Uint8Array {
  const chunks: Uint8Array[] = [];
  let text = header;
  for (let row = 0; row < rows; row++) {
    text += lineOf(row);
    if (row % CHUNK_ROWS !== CHUNK_ROWS - 1) continue;
    chunks.push(utf8.encode(text));
    text = '';
  }
  chunks.push(utf8.encode(text));
  return Buffer.concat(chunks);
}

function cellsOf(column: ColumnBuffer, time: IsoTime, none: string, quote: (text: string) => string): Cells {
  const { values, texts, schema } = column;
  switch (schema.type) {
    case 'time':
      return (row) => (column.isNull(row) ? none : quote(time.text(values[row]!)));
    case 'bool':
      return (row) => (values[row] === 1 ? 'true' : 'false');
    case 'text': {
      const quoted = texts.map((text, code) => (code === 0 && schema.nullable ? none : quote(text)));
      return (row) => quoted[values[row]!]!;
    }
    default:
      return (row) => (column.isNull(row) ? none : String(values[row]));
  }
}

/** A lone surrogate is no character; readers refuse its escape. */
function jsonCell(text: string): string {
  return printableJson(Buffer.from(text).toString());
}

function csvText(text: string): string {
  const shown = printable(text);
  return /[",]|^\s|\s$/.test(shown) || shown === '' ? `"${shown.replaceAll('"', '""')}"` : shown;
}
