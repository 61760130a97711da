/** Every byte of a trace file, unpacked: what somebody could find in it. */
import { DataType, RecordBatchReader } from 'apache-arrow';
import type { ByteSource } from '../../../base/byte-source.js';
import { UserError } from '../../../base/errors.js';
import { type ArchiveEntry, readArchive, readEntry } from '../../archive-reader.js';
import { type ArrowMessage, MAGIC_BYTES, readArrowMessages } from '../../arrow-messages.js';
import { LOCAL_HEADER_BYTES, viewOf } from '../../zip-layout.js';
import { decompressFrame } from '../../zstd-codec.js';

export interface Part {
  /** For people: the entry, and what of it. */
  readonly where: string;
  readonly bytes: Uint8Array;
  /** Columns of numbers: short strings are in them by chance. */
  readonly isNumbers: boolean;
}

/** @throws UserError where something cannot be unpacked, and so cannot be searched */
export function* unpackedParts(source: ByteSource): Generator<Part> {
  const { entries, damage } = readArchive(source);
  if (damage[0] !== undefined) throw new UserError(damage[0]);
  yield* containerParts(source, entries);
  for (const entry of entries) {
    const bytes = readEntry(source, entry);
    if (entry.name.endsWith('.arrow')) yield* tableParts(bytes, entry.name);
    else yield { where: entry.name, bytes, isNumbers: false };
  }
}

/** What stands between the contents of entries: headers, the central directory, anything that was slipped in. */
function* containerParts(source: ByteSource, entries: readonly ArchiveEntry[]): Generator<Part> {
  let at = 0;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const header = viewOf(source.read(entry.offset, LOCAL_HEADER_BYTES));
    const start = entry.offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
    if (start > at) yield { where: 'entry names', bytes: source.read(at, start - at), isNumbers: false };
    at = Math.max(at, start + entry.size);
  }
  yield { where: 'table of contents', bytes: source.read(at, source.size - at), isNumbers: false };
}

function* tableParts(file: Uint8Array, where: string): Generator<Part> {
  const messages = readArrowMessages(file);
  yield { where: `${where} metadata`, bytes: withoutBodies(file, messages), isNumbers: false };
  const { fields } = RecordBatchReader.from(file.subarray(MAGIC_BYTES)).open().schema;
  const isNumbers = fields.every(({ type }) => holdsNumbers(type));
  for (const { message, body } of messages) {
    if (message.isSchema()) continue;
    const isText = message.isDictionaryBatch() || !isNumbers;
    const what = message.isDictionaryBatch() ? 'dictionary' : 'columns';
    const batch = message.isDictionaryBatch()
      ? message.header().data
      : message.isRecordBatch()
        ? message.header()
        : undefined;
    for (const { offset, length } of batch?.buffers ?? []) {
      const buffer = body.subarray(offset, offset + length);
      const bytes = batch?.compression ? decompressed(buffer) : buffer;
      yield { where: `${where} ${what}`, bytes, isNumbers: !isText };
    }
  }
}

function holdsNumbers(type: DataType): boolean {
  if (DataType.isList(type)) return holdsNumbers(type.valueType);
  return DataType.isInt(type) || DataType.isFloat(type) || DataType.isBool(type) || DataType.isDictionary(type);
}

function withoutBodies(file: Uint8Array, messages: readonly ArrowMessage[]): Uint8Array {
  // Not slice(): that of a Buffer is the same memory.
  const rest = new Uint8Array(file);
  for (const { body } of messages) {
    const at = body.byteOffset - file.byteOffset;
    rest.fill(0, at, at + body.length);
  }
  return rest;
}

function decompressed(buffer: Uint8Array): Uint8Array {
  if (buffer.length <= 8) return buffer.subarray(0, 0);
  const rest = buffer.subarray(8);
  return viewOf(buffer).getBigInt64(0, true) === -1n ? rest : decompressFrame(rest);
}
