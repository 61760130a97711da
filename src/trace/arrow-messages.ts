/**
 * The messages of an Arrow IPC file, walked and checked before apache-arrow reads them: it trusts every length that
 * they claim. Shapes from `format/Message.fbs` and `format/Schema.fbs` of Apache Arrow.
 */
import { Message, MessageHeader } from 'apache-arrow';
import { decodeUtf8 } from '../base/text.js';
import { checkFlatbuffer, type TableShape } from './flatbuffer-check.js';
import { frameContentBytes } from './zstd-codec.js';

/** `ARROW1` and two bytes of padding; what follows is an Arrow stream, then a footer that repeats it. */
export const MAGIC_BYTES = 8;
const MAGIC = 'ARROW1';
const CONTINUATION = 0xffff_ffff;
/** A column more or less is no reason to refuse a file, but a table of thousands is not one of ours. */
const MAXIMUM_MESSAGES = 512;
const MAXIMUM_BUFFERS = 4096;
/** Rows, or names of a dictionary, that one table may hold; a recorder writes 65,536 at most. */
const MAXIMUM_ROWS = 1 << 20;
/** What one table may hold when unpacked. */
const MAXIMUM_TABLE_BYTES = 64 * 1024 * 1024;
const NOT_COMPRESSED = -1n;

const keyValue: TableShape = ['string', 'string'];
const int: TableShape = [4, 1];
const dictionaryEncoding: TableShape = [8, { table: () => int }, 1, 2];
const timestamp: TableShape = [2, 'string'];
const union: TableShape = [2, { vector: 4 }];
const otherType: TableShape = [1];
const TIMESTAMP_TAG = 10;
const UNION_TAG = 14;
const typeByTag = (tag: number) => (tag === TIMESTAMP_TAG ? timestamp : tag === UNION_TAG ? union : otherType);
const field: TableShape = [
  'string',
  1,
  1,
  { union: typeByTag },
  { table: () => dictionaryEncoding },
  { tables: () => field },
  { tables: () => keyValue },
];
const schema: TableShape = [2, { tables: () => field }, { tables: () => keyValue }, { vector: 8 }];
const recordBatch: TableShape = [8, { vector: 16 }, { vector: 16 }, { table: () => [1, 1] }, { vector: 8 }];
const dictionaryBatch: TableShape = [8, { table: () => recordBatch }, 1];
const shapeByHeader: Readonly<Record<number, TableShape>> = {
  [MessageHeader.Schema]: schema,
  [MessageHeader.DictionaryBatch]: dictionaryBatch,
  [MessageHeader.RecordBatch]: recordBatch,
};
const message: TableShape = [2, 1, { union: (tag) => shapeByHeader[tag] ?? [] }, 8, { tables: () => keyValue }];

type RecordBatchMetadata = ReturnType<Message<MessageHeader.RecordBatch>['header']>;

export interface ArrowMessage {
  readonly message: Message;
  readonly body: Uint8Array;
}

/**
 * The messages up to the end-of-stream mark: schema, dictionaries, record batches.
 * @throws Error that says what does not hold
 */
export function readArrowMessages(file: Uint8Array): ArrowMessage[] {
  if (decodeUtf8(file.subarray(0, MAGIC.length)) !== MAGIC) throw new Error('no ARROW1 in front');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const messages: ArrowMessage[] = [];
  let at = MAGIC_BYTES;
  let unpackedBytes = 0;
  for (;;) {
    if (view.getUint32(at, true) !== CONTINUATION) throw new Error(`no message at ${at}`);
    const metadataBytes = view.getUint32(at + 4, true);
    if (metadataBytes === 0) break;
    const metadata = part(file, at + 8, metadataBytes);
    checkFlatbuffer(metadata, message);
    const decoded = Message.decode(metadata);
    const body = part(file, at + 8 + metadataBytes, decoded.bodyLength);
    messages.push({ message: decoded, body });
    unpackedBytes += checkBatch(decoded, body);
    if (messages.length > MAXIMUM_MESSAGES) throw new Error(`more than ${MAXIMUM_MESSAGES} messages`);
    if (unpackedBytes > MAXIMUM_TABLE_BYTES) throw new Error(`unpacks to more than ${MAXIMUM_TABLE_BYTES} bytes`);
    at += 8 + metadataBytes + decoded.bodyLength;
  }
  if (messages[0]?.message.isSchema() !== true) throw new Error('no schema in front');
  return messages;
}

function part(file: Uint8Array, at: number, bytes: number): Uint8Array {
  if (!(at >= 0 && bytes >= 0 && at + bytes <= file.length))
    throw new Error(`a part of ${bytes} bytes at ${at} is cut off`);
  return file.subarray(at, at + bytes);
}

/** Returns the bytes that a batch takes when unpacked. */
function checkBatch(decoded: Message, body: Uint8Array): number {
  if (decoded.isSchema()) return 0;
  const batch = batchOf(decoded);
  const lengths = [batch.length, ...batch.nodes.map(({ length }) => length)];
  const longest = Math.max(...lengths);
  if (!(longest <= MAXIMUM_ROWS && Math.min(...lengths) >= 0)) {
    throw new Error(`claims ${longest} rows, expected at most ${MAXIMUM_ROWS}`);
  }
  const { buffers, compression, variadicBufferCounts } = batch;
  if (buffers.length > MAXIMUM_BUFFERS) throw new Error(`claims ${buffers.length} buffers`);
  if (variadicBufferCounts.some((count) => !(count >= 0 && count <= buffers.length))) {
    throw new Error('claims more buffers than it has');
  }
  return buffers.reduce((sum, { offset, length }) => {
    const bytes = part(body, offset, length);
    return sum + (compression === null ? bytes.length : unpackedSize(bytes));
  }, 0);
}

function batchOf(decoded: Message): RecordBatchMetadata {
  if (decoded.isDictionaryBatch()) return decoded.header().data;
  if (decoded.isRecordBatch()) return decoded.header();
  throw new Error('a message of an unknown kind');
}

/** Arrow columnar format, "Compression": an int64 with the raw length in front, or -1 where nothing is compressed. */
function unpackedSize(buffer: Uint8Array): number {
  if (buffer.length === 0) return 0;
  const claimed = new DataView(buffer.buffer, buffer.byteOffset, buffer.length).getBigInt64(0, true);
  if (claimed === NOT_COMPRESSED) return buffer.length - 8;
  const bytes = frameContentBytes(buffer.subarray(8));
  if (BigInt(bytes) !== claimed) throw new Error(`a buffer claims ${claimed} bytes, its zstd frame ${bytes}`);
  return bytes;
}
