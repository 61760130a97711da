/** Tables as Arrow IPC: a file (`.arrow`), or a stream that can be read while it is written (`--layout stream`). */
import {
  Bool,
  type Data,
  type DataType,
  Field,
  Int64,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { toInt64 } from './absolute-time.js';
import type { ColumnBuffer, TableBuffer } from './table-buffer.js';
import type { EncoderOptions, TableEncoder } from './table-encoder.js';
import type { ColumnSchema, TableSchema } from './table-schema.js';

export class ArrowEncoder implements TableEncoder {
  rows = 0;
  readonly #schema: Schema;
  readonly #writer: QueueFileWriter | QueueStreamWriter;
  readonly #startRealtimeNs: bigint;

  constructor(table: TableSchema, { startRealtimeNs, layout }: EncoderOptions) {
    this.#schema = arrowSchema(table);
    this.#startRealtimeNs = startRealtimeNs;
    this.#writer = layout === 'stream' ? new QueueStreamWriter() : new QueueFileWriter();
    this.#writer.reset(undefined, this.#schema);
  }

  encode(batch: TableBuffer): Uint8Array {
    this.rows += batch.length;
    this.#writer.write(recordBatch(this.#schema, batch, this.#startRealtimeNs));
    return this.#writer.taken();
  }

  finish(): Uint8Array {
    this.#writer.finish();
    return this.#writer.taken();
  }
}

/** A whole stream with one batch: what parquet is made from. */
export function arrowStream(table: TableSchema, batch: TableBuffer, startRealtimeNs: bigint): Uint8Array {
  const encoder = new ArrowEncoder(table, { startRealtimeNs, layout: 'stream' });
  return Buffer.concat([encoder.encode(batch), encoder.finish()]);
}

/** Keeps what was written until it is taken. */
class QueueFileWriter extends RecordBatchFileWriter {
  readonly #queue: Uint8Array[] = [];

  /** apache-arrow opens a file with the magic only; the format wants a whole stream behind it, the schema first. */
  protected override _writeSchema(schema: Schema) {
    super._writeSchema(schema);
    return this._writeMessage(Message.from(schema));
  }

  protected override _write(chunk: ArrayBufferView) {
    this._position += keep(this.#queue, chunk);
    return this;
  }

  taken(): Uint8Array {
    return Buffer.concat(this.#queue.splice(0));
  }
}

class QueueStreamWriter extends RecordBatchStreamWriter {
  readonly #queue: Uint8Array[] = [];

  protected override _write(chunk: ArrayBufferView) {
    this._position += keep(this.#queue, chunk);
    return this;
  }

  taken(): Uint8Array {
    return Buffer.concat(this.#queue.splice(0));
  }
}

/** Returns its length. */
function keep(queue: Uint8Array[], chunk: ArrayBufferView | null | undefined): number {
  if (!chunk || chunk.byteLength === 0) return 0;
  queue.push(new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength));
  return chunk.byteLength;
}

function arrowSchema({ columns }: TableSchema): Schema {
  return new Schema(columns.map((column) => new Field(column.name, typeOf(column), column.nullable)));
}

function typeOf({ type }: ColumnSchema): DataType {
  switch (type) {
    case 'time':
      return new TimestampNanosecond('UTC');
    case 'int64':
      return new Int64();
    case 'uint32':
      return new Uint32();
    case 'uint16':
      return new Uint16();
    case 'bool':
      return new Bool();
    case 'text':
      return new Utf8();
  }
}

function recordBatch(schema: Schema, batch: TableBuffer, startRealtimeNs: bigint): RecordBatch {
  const children = batch.columns.map((column) => dataOf(column, batch.length, startRealtimeNs));
  const type = new Struct(schema.fields);
  return new RecordBatch(schema, makeData({ type, length: batch.length, nullCount: 0, children }));
}

function dataOf(column: ColumnBuffer, length: number, startRealtimeNs: bigint): Data {
  const { values, schema } = column;
  const [nullBitmap, nullCount] = validityOf(column, length);
  const nulls = { length, nullCount, nullBitmap };
  switch (schema.type) {
    case 'time':
      return makeData({
        type: new TimestampNanosecond('UTC'),
        data: toInt64(values, length, startRealtimeNs),
        ...nulls,
      });
    case 'int64':
      return makeData({ type: new Int64(), data: toInt64(values, length, 0n), ...nulls });
    case 'uint32':
      return makeData({ type: new Uint32(), data: Uint32Array.from(values.subarray(0, length)), ...nulls });
    case 'uint16':
      return makeData({ type: new Uint16(), data: Uint16Array.from(values.subarray(0, length)), ...nulls });
    case 'bool':
      return makeData({ type: new Bool(), data: bitsOf(length, (row) => values[row] === 1), ...nulls });
    case 'text':
      return makeData({ type: new Utf8(), ...utf8Of(column, length), ...nulls });
  }
}

function validityOf(column: ColumnBuffer, length: number): [bitmap: Uint8Array | undefined, nulls: number] {
  if (!column.schema.nullable) return [undefined, 0];
  let nulls = 0;
  const bitmap = bitsOf(length, (row) => {
    const isNull = column.isNull(row);
    if (isNull) nulls++;
    return !isNull;
  });
  return nulls === 0 ? [undefined, 0] : [bitmap, nulls];
}

function bitsOf(length: number, isSet: (row: number) => boolean): Uint8Array {
  const bits = new Uint8Array((length + 7) >>> 3);
  for (let row = 0; row < length; row++) if (isSet(row)) bits[row >>> 3]! |= 1 << (row & 7);
  return bits;
}

/** Each text is encoded once. */
function utf8Of({ values, texts }: ColumnBuffer, length: number): { valueOffsets: Int32Array; data: Uint8Array } {
  const encoded = texts.map((text) => Buffer.from(text));
  const valueOffsets = new Int32Array(length + 1);
  for (let row = 0; row < length; row++) valueOffsets[row + 1] = valueOffsets[row]! + encoded[values[row]!]!.length;
  const data = new Uint8Array(valueOffsets[length]!);
  for (let row = 0; row < length; row++) data.set(encoded[values[row]!]!, valueOffsets[row]!);
  return { valueOffsets, data };
}
