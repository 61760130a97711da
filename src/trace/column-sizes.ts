/** How many bytes each column of a table takes in its file, from the lengths in the Arrow messages. */
import { DataType, RecordBatchReader } from 'apache-arrow';
import { errorText, UserError } from '../base/errors.js';
import { MAGIC_BYTES, readArrowMessages } from './arrow-messages.js';

/** Validity and values of a column of fixed width or a dictionary; texts and lists have offsets as well. */
function bufferCount(type: DataType): number {
  if (DataType.isUtf8(type) || DataType.isBinary(type)) return 3;
  return DataType.isList(type) ? 2 + bufferCount(type.children[0]!.type) : 2;
}

/** Compressed bytes by column name, its dictionary included; the rest of the file goes to the name ``. */
export function columnSizes(file: Uint8Array, entry: string): Map<string, number> {
  try {
    return measureColumns(file);
  } catch (error) {
    throw new UserError(`${entry}: not a readable Arrow table (${errorText(error)})`, { cause: error });
  }
}

function measureColumns(file: Uint8Array): Map<string, number> {
  const sizes = new Map<string, number>();
  const add = (name: string, bytes: number) => sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  const messages = readArrowMessages(file);
  const { fields } = RecordBatchReader.from(file.subarray(MAGIC_BYTES)).open().schema;
  const nameByDictionary = new Map(fields.map(({ type, name }) => ['id' in type ? Number(type.id) : -1, name]));
  const nameByBuffer = fields.flatMap(({ name, type }) => Array.from({ length: bufferCount(type) }, () => name));
  let known = 0;
  for (const { message, body } of messages) {
    known += body.length;
    if (message.isDictionaryBatch()) add(nameByDictionary.get(message.header().id) ?? '', body.length);
    if (!message.isRecordBatch()) continue;
    for (const [i, { length }] of message.header().buffers.entries()) {
      add(nameByBuffer[i] ?? '', length);
    }
  }
  add('', Math.max(0, file.length - known));
  return sizes;
}
