/** Arrow messages that lie about lengths: refused before anything is allocated or looped over. */
import { Message } from 'apache-arrow';
import { RecordBatch as BatchMetadata, BufferRegion, FieldNode } from 'apache-arrow/ipc/metadata/message';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { dictionaryColumn, uint32Column } from '../../src/trace/arrow-columns.js';
import { decodeTable, encodeTable } from '../../src/trace/arrow-file.js';
import { ColumnAccess } from '../../src/trace/column-access.js';
import { checkFlatbuffer, type TableShape } from '../../src/trace/flatbuffer-check.js';
import { compressFrame } from '../../src/trace/zstd-codec.js';

const rows = 5000;
const values = Uint32Array.from({ length: rows }, (_, i) => i % 100);
const names = Array.from({ length: 100 }, (_, i) => `name ${i}`);

function sound(): Uint8Array {
  const columns = [uint32Column('a', values), dictionaryColumn('b', Uint8Array.from(values), names)];
  return encodeTable(columns, rows, new Map([['base_ns', '1']]), 1);
}

/** All that reading can do with a table. */
function readAll(bytes: Uint8Array): void {
  const columns = new ColumnAccess(decodeTable(bytes, 't'), 't');
  columns.unsigned('a');
  columns.strings('b');
}

/** The file with the record batch's metadata in place of the sound one; its body stays. */
function withBatch(metadata: BatchMetadata): Uint8Array {
  const file = Buffer.from(sound());
  const view = new DataView(file.buffer, file.byteOffset);
  let at = 8;
  for (;;) {
    const metadataBytes = view.getInt32(at + 4, true);
    const message = Message.decode(file.subarray(at + 8, at + 8 + metadataBytes));
    if (message.isRecordBatch()) {
      const encoded = Buffer.from(Message.encode(Message.from(metadata, message.bodyLength)));
      const padded = Buffer.concat([encoded, Buffer.alloc(-encoded.length & 7)]);
      const prefix = Buffer.alloc(8);
      prefix.writeInt32LE(-1, 0);
      prefix.writeInt32LE(padded.length, 4);
      return Buffer.concat([file.subarray(0, at), prefix, padded, file.subarray(at + 8 + metadataBytes)]);
    }
    at += 8 + metadataBytes + message.bodyLength;
  }
}

const node = (length: number) => new FieldNode(length, 0);
const region = (offset: number, length: number) => new BufferRegion(offset, length);

test.each([
  ['more rows than a segment can have', new BatchMetadata(2 ** 40, [node(1)], [], null), 'claims 1099511627776 rows'],
  ['a column of more rows', new BatchMetadata(5, [node(2 ** 33)], [], null), 'claims 8589934592 rows'],
  ['a negative length', new BatchMetadata(5, [node(-1)], [], null), 'expected at most'],
  ['a buffer beyond the end', new BatchMetadata(5, [node(5)], [region(0, 2 ** 31)], null), 'is cut off'],
  ['a buffer before the start', new BatchMetadata(5, [node(5)], [region(-64, 8)], null), 'is cut off'],
  ['many views', new BatchMetadata(5, [node(5)], [region(0, 8)], null, [2 ** 40]), 'more buffers than it has'],
])('%s is refused', (_what, metadata, sentence) => {
  expect(() => readAll(withBatch(metadata))).toThrow(UserError);
  expect(() => readAll(withBatch(metadata))).toThrow(sentence);
});

test('buffers that unpack to more than a table may hold are refused before they are unpacked', () => {
  const bomb = compressFrame(new Uint8Array(65 * 1024 * 1024), 1);
  expect(bomb.length).toBeLessThan(10_000);
  const incompressible = new Uint32Array(20_000).map((_, i) => Math.imul(i, 0x9e3779b1));
  const file = Buffer.from(encodeTable([uint32Column('a', incompressible)], 20_000, new Map(), 1));
  const at = file.indexOf(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])); // stored as it is: -1
  file.writeBigInt64LE(BigInt(65 * 1024 * 1024), at);
  file.set(bomb, at + 8);
  expect(() => decodeTable(file, 't')).toThrow('unpacks to more than');
  file.writeBigInt64LE(BigInt(600 * 1024 * 1024), at);
  expect(() => decodeTable(file, 't')).toThrow(/claims 629145600 bytes, its zstd frame 68157440/);
});

test('names that share their text do not become endless', () => {
  const many = Array.from({ length: 1000 }, () => 'x'.repeat(100));
  const file = encodeTable([dictionaryColumn('b', new Uint8Array(1), many)], 1, new Map(), 1);
  const access = new ColumnAccess(decodeTable(file, 't'), 't');
  expect(access.strings('b')).toEqual(['x'.repeat(100)]);
  const table = decodeTable(file, 't');
  const offsets = table.columns.get('b')!.dictionary!.data[0]!.valueOffsets as Int32Array;
  offsets.fill(0).fill(100_000, 500);
  offsets[700] = 0;
  expect(() => new ColumnAccess(table, 't').strings('b')).toThrow("lies outside of the names' text");
});

test('any bytes, and any change of sound ones, end in a result or a UserError within a second', () => {
  const original = sound();
  const change = fc.record({
    at: fc.nat(original.length - 5),
    value: fc.oneof(fc.nat(255), fc.constantFrom(0x7fffffff, -1, 1 << 30)),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const copy = Buffer.from(original);
      for (const { at, value } of changes) {
        if (value >= 0 && value <= 255) copy[at] = value;
        else copy.writeInt32LE(value, at);
      }
      const started = performance.now();
      try {
        readAll(copy);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
      expect(performance.now() - started).toBeLessThan(1000);
    }),
    { numRuns: 4000 },
  );
});

test('a flatbuffer whose parts lie outside of it is refused', () => {
  const shape: TableShape = ['string', { tables: () => shape }, { vector: 8 }, { table: () => shape }];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        checkFlatbuffer(bytes, shape);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2000 },
  );
});
