/** How many bytes each column of a table takes in its file, from the lengths in the Arrow messages. */
import { MessageReader, RecordBatchReader } from 'apache-arrow';
import { errorText, UserError } from '../base/errors.js';

/** `ARROW1` and two bytes of padding open an IPC file; a stream of messages follows. */
const MAGIC_BYTES = 8;
/** Validity and values: every column that gotape writes is of fixed width or a dictionary. */
const BUFFERS_PER_COLUMN = 2;

/** Compressed bytes by column name, its dictionary included; the rest of the file goes to the name ``. */
export function columnSizes(file: Uint8Array, entry: string): Map<string, number> {
  const sizes = new Map<string, number>();
  const add = (name: string, bytes: number) => sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  let known = 0;
  try {
    const { schema } = RecordBatchReader.from(file).open();
    const names = schema.fields.map((field) => field.name);
    const nameByDictionary = new Map(
      schema.fields.map(({ type, name }) => ['id' in type ? Number(type.id) : -1, name]),
    );
    const messages = new MessageReader(file.subarray(MAGIC_BYTES));
    for (let message = messages.readMessage(); message !== null; message = messages.readMessage()) {
      messages.readMessageBody(message.bodyLength);
      known += message.bodyLength;
      if (message.isDictionaryBatch()) add(nameByDictionary.get(message.header().id) ?? '', message.bodyLength);
      if (message.isRecordBatch()) {
        message
          .header()
          .buffers.forEach(({ length }, i) => add(names[Math.floor(i / BUFFERS_PER_COLUMN)] ?? '', length));
        break;
      }
    }
  } catch (error) {
    throw new UserError(`${entry}: not a readable Arrow file (${errorText(error)})`, { cause: error });
  }
  add('', Math.max(0, file.length - known));
  return sizes;
}
