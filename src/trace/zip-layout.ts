/**
 * The parts of the ZIP format that a trace file uses (PKWARE APPNOTE 6.3.10): stored entries whose local headers carry
 * size and CRC, so that a file that was cut off can be read without its central directory. ZIP64 for what does not fit.
 */
export const LOCAL_HEADER_SIGNATURE = 0x0403_4b50;
export const LOCAL_HEADER_BYTES = 30;
export const CENTRAL_SIGNATURE = 0x0201_4b50;
export const END_SIGNATURE = 0x0605_4b50;
export const END64_SIGNATURE = 0x0606_4b50;
export const LOCATOR64_SIGNATURE = 0x0706_4b50;
export const ZIP64_EXTRA_ID = 1;
export const MAX16 = 0xffff;
export const MAX32 = 0xffff_ffff;
/** Of the end record, its comment apart. */
export const END_BYTES = 22;

const VERSION_NEEDED = 20;
const VERSION_NEEDED_ZIP64 = 45;
/** Upper byte: made on Unix, so that the external attributes are a file mode. */
const VERSION_MADE_BY = (3 << 8) | VERSION_NEEDED_ZIP64;
/** -rw-r--r-- of a regular file. */
const FILE_MODE = 0o100644;
/** Names are UTF-8. */
const FLAGS = 1 << 11;

export interface StoredEntry {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  /** Of the local header, from the start of the file. */
  readonly offset: number;
  readonly modified: Date;
}

/** Header in front of an entry's bytes. Entries are below 4 GiB: a segment is a few MiB. */
export function encodeLocalHeader({ name, size, crc, modified }: StoredEntry): Uint8Array {
  const nameBytes = Buffer.from(name);
  const header = Buffer.alloc(LOCAL_HEADER_BYTES + nameBytes.length);
  header.writeUInt32LE(LOCAL_HEADER_SIGNATURE, 0);
  writeCommon(header, 4, VERSION_NEEDED, { size, crc, modified, nameBytes: nameBytes.length, extraBytes: 0 });
  header.set(nameBytes, LOCAL_HEADER_BYTES);
  return header;
}

/** Central directory and end records, to be written at `offset`. */
export function encodeCentralDirectory(entries: readonly StoredEntry[], offset: number): Uint8Array {
  const records = entries.map(encodeCentralRecord);
  const bytes = records.reduce((sum, record) => sum + record.length, 0);
  const needs64 = entries.length >= MAX16 || offset >= MAX32 || bytes >= MAX32;
  const tail = needs64 ? [encodeEnd64(entries.length, bytes, offset)] : [];
  return Buffer.concat([...records, ...tail, encodeEnd(entries.length, bytes, offset)]);
}

function encodeCentralRecord(entry: StoredEntry): Buffer {
  const name = Buffer.from(entry.name);
  const extra = entry.offset >= MAX32 ? encodeOffset64(entry.offset) : Buffer.alloc(0);
  const record = Buffer.alloc(46);
  record.writeUInt32LE(CENTRAL_SIGNATURE, 0);
  record.writeUInt16LE(VERSION_MADE_BY, 4);
  const needed = extra.length > 0 ? VERSION_NEEDED_ZIP64 : VERSION_NEEDED;
  writeCommon(record, 6, needed, { ...entry, nameBytes: name.length, extraBytes: extra.length });
  record.writeUInt32LE(FILE_MODE * 0x1_0000, 38);
  record.writeUInt32LE(Math.min(entry.offset, MAX32), 42);
  return Buffer.concat([record, name, extra]);
}

/** The 26 bytes that a local header and a central record share. */
function writeCommon(
  to: Buffer,
  at: number,
  versionNeeded: number,
  entry: { size: number; crc: number; modified: Date; nameBytes: number; extraBytes: number },
): void {
  const { date, time } = dosTime(entry.modified);
  to.writeUInt16LE(versionNeeded, at);
  to.writeUInt16LE(FLAGS, at + 2);
  to.writeUInt16LE(0, at + 4); // stored
  to.writeUInt16LE(time, at + 6);
  to.writeUInt16LE(date, at + 8);
  to.writeUInt32LE(entry.crc, at + 10);
  to.writeUInt32LE(entry.size, at + 14);
  to.writeUInt32LE(entry.size, at + 18);
  to.writeUInt16LE(entry.nameBytes, at + 22);
  to.writeUInt16LE(entry.extraBytes, at + 24);
}

function encodeOffset64(offset: number): Buffer {
  const extra = Buffer.alloc(12);
  extra.writeUInt16LE(ZIP64_EXTRA_ID, 0);
  extra.writeUInt16LE(8, 2);
  extra.writeBigUInt64LE(BigInt(offset), 4);
  return extra;
}

function encodeEnd64(entries: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(END64_SIGNATURE, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(VERSION_MADE_BY, 12);
  end.writeUInt16LE(VERSION_NEEDED_ZIP64, 14);
  end.writeBigUInt64LE(BigInt(entries), 24);
  end.writeBigUInt64LE(BigInt(entries), 32);
  end.writeBigUInt64LE(BigInt(directoryBytes), 40);
  end.writeBigUInt64LE(BigInt(directoryOffset), 48);
  end.writeUInt32LE(LOCATOR64_SIGNATURE, 56);
  end.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64);
  end.writeUInt32LE(1, 72);
  return end;
}

function encodeEnd(entries: number, directoryBytes: number, directoryOffset: number): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END_SIGNATURE, 0);
  end.writeUInt16LE(Math.min(entries, MAX16), 8);
  end.writeUInt16LE(Math.min(entries, MAX16), 10);
  end.writeUInt32LE(Math.min(directoryBytes, MAX32), 12);
  end.writeUInt32LE(Math.min(directoryOffset, MAX32), 16);
  return end;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** MS-DOS date and time, local, in steps of two seconds. */
function dosTime(when: Date): { date: number; time: number } {
  return {
    date: (Math.max(0, when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate(),
    time: (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1),
  };
}
