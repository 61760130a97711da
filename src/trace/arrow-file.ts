/** One table ↔ one Arrow IPC file with zstd-compressed buffers. */
import {
  CompressionType,
  type Data,
  type DataType,
  Dictionary,
  Field,
  Int64,
  Message,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchReader,
  Schema,
  Struct,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { errorText, UserError } from '../base/errors.js';
import { MAGIC_BYTES, readArrowMessages } from './arrow-messages.js';
import { compressFrame, registerZstd } from './zstd-codec.js';

registerZstd();

/** A column ready to be written. */
export interface Column {
  readonly name: string;
  readonly data: Data;
}

export function uint32Column(name: string, values: Uint32Array): Column {
  return { name, data: makeData({ type: new Uint32(), data: values, nullCount: 0 }) };
}

export function uint16Column(name: string, values: Uint16Array): Column {
  return { name, data: makeData({ type: new Uint16(), data: values, nullCount: 0 }) };
}

/** Safe integers as int64, without a BigInt per value; two words of `words` for each. */
export function int64Column(
  name: string,
  values: ArrayLike<number>,
  words = new Int32Array(2 * values.length),
): Column {
  for (let i = 0; i < words.length / 2; i++) {
    const value = values[i]!;
    words[2 * i] = value | 0;
    const isSmall = value === (value | 0) && value >= 0;
    words[2 * i + 1] = isSmall ? 0 : Math.floor(value / 4_294_967_296);
    if (!isSmall) words[2 * i] = (value % 4_294_967_296) | 0;
  }
  return {
    name,
    data: makeData({
      type: new Int64(),
      data: new BigInt64Array(words.buffer, words.byteOffset, words.length / 2),
      nullCount: 0,
    }),
  };
}

/** `codes[i]` is an index into `names`. */
export function dictionaryColumn(
  name: string,
  codes: Uint8Array | Uint16Array | Uint32Array,
  names: readonly string[],
): Column {
  const index = indexType(codes);
  const type = new Dictionary(new Utf8(), index, nextDictionaryId++);
  const dictionary = vectorFromArray(names as string[], new Utf8());
  return { name, data: makeData({ type, data: codes, dictionary, nullCount: 0 }) };
}
/** Arrow wants ids that are unique within a file. */
let nextDictionaryId = 0;

function indexType(codes: Uint8Array | Uint16Array | Uint32Array): Uint8 | Uint16 | Uint32 {
  if (codes instanceof Uint8Array) return new Uint8();
  return codes instanceof Uint16Array ? new Uint16() : new Uint32();
}

/** Strings that repeat, as a dictionary column. */
export function stringColumn(name: string, values: readonly string[]): Column {
  const codeByName = new Map<string, number>();
  const codes = Uint32Array.from(values, (value) => {
    const code = codeByName.get(value) ?? codeByName.size;
    codeByName.set(value, code);
    return code;
  });
  return dictionaryColumn(name, codes, [...codeByName.keys()]);
}

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
