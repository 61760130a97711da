/** One table ↔ one Arrow IPC file with zstd-compressed buffers. */
import {
  CompressionType,
  type Data,
  type DataType,
  Field,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchReader,
  Schema,
  Struct,
} from 'apache-arrow';
import { errorText, UserError } from '../base/errors.js';
import type { Column } from './arrow-columns.js';
import { MAGIC_BYTES, readArrowMessages } from './arrow-messages.js';
import { compressFrame, registerZstd } from './zstd-codec.js';

registerZstd();

/** @param metadata key → value of the Arrow schema */
export function encodeTable(
  columns: readonly Column[],
  rows: number,
  metadata: ReadonlyMap<string, string>,
  level: number,
): Uint8Array {
  const fields = columns.map(({ name, data }) => new Field(name, data.type as DataType, false));
  const schema = new Schema(fields, new Map(metadata));
  const struct = makeData({
    type: new Struct(fields),
    length: rows,
    nullCount: 0,
    children: columns.map((c) => c.data),
  });
  const writer = new CompressedFileWriter(level);
  writer.write(new RecordBatch(schema, struct));
  writer.finish();
  return writer.toUint8Array(true);
}

/**
 * apache-arrow 21.2 writes the length of the *compressed* bytes where the format wants the uncompressed one
 * (Arrow columnar format, "Compression"): no other reader can open its files. So this step is ours.
 */
class CompressedFileWriter extends RecordBatchFileWriter {
  readonly #level: number;

  constructor(level: number) {
    super({ compressionType: CompressionType.ZSTD });
    this.#level = level;
  }

  /**
   * apache-arrow opens a file with the magic only. The format wants a whole stream behind it, the schema first, so that
   * a reader can go from front to back; ours does.
   */
  protected override _writeSchema(schema: Schema) {
    super._writeSchema(schema);
    return this._writeMessage(Message.from(schema));
  }

  protected override _compressBodyBuffers(buffers: ArrayBufferView[]) {
    const parts: Uint8Array[] = [];
    const bufferRegions: { offset: number; length: number }[] = [];
    let offset = 0;
    for (const { buffer, byteOffset, byteLength } of buffers) {
      const raw = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
      const [prefix, body] = compressBuffer(raw, this.#level);
      parts.push(prefix, body);
      bufferRegions.push({ offset, length: prefix.length + body.length });
      offset = (offset + prefix.length + body.length + 7) & ~7;
    }
    return { byteLength: offset, bufferRegions, buffers: parts };
  }
}

/** Int64 length of the raw bytes, or -1 when they are stored as they are; then the bytes. Nothing for an empty buffer. */
function compressBuffer(raw: Uint8Array, level: number): [Uint8Array, Uint8Array] {
  if (raw.length === 0) return [raw, raw];
  const compressed = compressFrame(raw, level);
  const smaller = compressed.length < raw.length;
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigInt64(0, smaller ? BigInt(raw.length) : -1n, true);
  return [prefix, smaller ? compressed : raw];
}

/** A table that was read; columns by name. */
export interface DecodedTable {
  readonly rows: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly columns: ReadonlyMap<string, Data>;
}

/** @param entry name for error messages */
export function decodeTable(bytes: Uint8Array, entry: string): DecodedTable {
  const batch = readOnlyBatch(bytes, entry);
  const columns = new Map<string, Data>();
  batch.schema.fields.forEach((field, i) => {
    const data = batch.data.children[i];
    if (data !== undefined) columns.set(field.name, data);
  });
  return { rows: batch.numRows, metadata: batch.schema.metadata, columns };
}

/** Reads the messages from the front, as they were checked; the footer repeats them and is not needed. */
function readOnlyBatch(bytes: Uint8Array, entry: string): RecordBatch {
  try {
    const messages = readArrowMessages(bytes);
    const batches = messages.filter(({ message }) => message.isRecordBatch()).length;
    if (batches !== 1) throw new Error(`holds ${batches} record batches, expected one`);
    const [batch] = [...RecordBatchReader.from(bytes.subarray(MAGIC_BYTES))];
    return batch!;
  } catch (error) {
    throw new UserError(`${entry}: not a readable Arrow table (${errorText(error)})`, { cause: error });
  }
}
