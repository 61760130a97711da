/** Finds and reads the entries of a trace file: by its table of contents, or, when it was cut off, by its local headers. */
import type { ByteSource } from '../base/byte-source.js';
import { errorText, UserError } from '../base/errors.js';
import { decodeUtf8 } from '../base/text.js';
import { type ArchiveEntry, readCentralDirectory } from './central-directory.js';
import { crc32, inflateRaw } from './zip-codec.js';
import { CENTRAL_SIGNATURE, LOCAL_HEADER_BYTES, LOCAL_HEADER_SIGNATURE, viewOf } from './zip-layout.js';

export type { ArchiveEntry } from './central-directory.js';

const STORED = 0;
/** Nothing that gotape writes; a file that somebody unpacked and packed again is still readable. */
const DEFLATED = 8;
/** Bit 3 of the flags: sizes stand behind the entry's bytes. Never so in a file that gotape wrote. */
const SIZES_FOLLOW = 1 << 3;
/** Of an entry that is read as a whole. A segment of 65,536 rows is below 2 MiB. */
const MAXIMUM_ENTRY_BYTES = 64 * 1024 * 1024;

export interface Archive {
  readonly entries: readonly ArchiveEntry[];
  /** Sentences about what is missing; empty for a complete file. */
  readonly damage: readonly string[];
}

/** @throws UserError when the bytes are no ZIP at all */
export function readArchive(source: ByteSource): Archive {
  if (source.size === 0) throw new UserError('is empty, expected a gotape trace');
  if (signatureAt(source, 0) !== LOCAL_HEADER_SIGNATURE)
    throw new UserError('is not a gotape trace (it does not begin like a ZIP archive)');
  try {
    return { entries: readCentralDirectory(source), damage: [] };
  } catch (error) {
    const { entries, end } = scanLocalHeaders(source);
    const torn = signatureAt(source, end) === CENTRAL_SIGNATURE ? 0 : source.size - end;
    const what = torn > 0 ? `; the last ${torn} bytes are a torn entry and were left out` : '';
    return {
      entries,
      damage: [`the file was cut off: its table of contents cannot be read (${errorText(error)})${what}`],
    };
  }
}

/** The entry's bytes, CRC checked. @throws UserError naming the entry */
export function readEntry(source: ByteSource, entry: ArchiveEntry, maximumBytes = MAXIMUM_ENTRY_BYTES): Uint8Array {
  const { name, method, size, unpackedSize } = entry;
  if (Math.max(size, unpackedSize) > maximumBytes)
    throw new UserError(`${name}: claims ${Math.max(size, unpackedSize)} bytes, expected ${maximumBytes} at most`);
  const packed = readPacked(source, entry);
  const bytes = method === DEFLATED ? inflate(packed, entry) : packed;
  if (method !== STORED && method !== DEFLATED)
    throw new UserError(`${name}: is compressed by ZIP method ${method}, expected a stored entry`);
  const crc = crc32(bytes);
  if (crc !== entry.crc) throw new UserError(`${name}: CRC-32 is ${hex(crc)}, the archive says ${hex(entry.crc)}`);
  return bytes;
}

function readPacked(source: ByteSource, { name, offset, size }: ArchiveEntry): Uint8Array {
  try {
    const header = viewOf(source.read(offset, LOCAL_HEADER_BYTES));
    if (header.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE)
      throw new UserError(`${name}: no local header at ${offset}`);
    const start = offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
    return source.read(start, size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`${name}: reaches beyond the end of the file`, { cause: error });
  }
}

function inflate(packed: Uint8Array, { name, unpackedSize }: ArchiveEntry): Uint8Array {
  try {
    return inflateRaw(packed, Math.max(1, unpackedSize));
  } catch (error) {
    throw new UserError(`${name}: cannot be unpacked (${errorText(error)})`, { cause: error });
  }
}

/** Walks from local header to local header. Ends before the first entry that is not there as a whole. */
function scanLocalHeaders(source: ByteSource): { entries: ArchiveEntry[]; end: number } {
  const entries: ArchiveEntry[] = [];
  let offset = 0;
  while (offset + LOCAL_HEADER_BYTES <= source.size) {
    const header = viewOf(source.read(offset, LOCAL_HEADER_BYTES));
    if (header.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE || header.getUint16(6, true) & SIZES_FOLLOW) break;
    const size = header.getUint32(18, true);
    const nameBytes = header.getUint16(26, true);
    const end = offset + LOCAL_HEADER_BYTES + nameBytes + header.getUint16(28, true) + size;
    if (end > source.size) break;
    entries.push({
      name: decodeUtf8(source.read(offset + LOCAL_HEADER_BYTES, nameBytes)),
      method: header.getUint16(8, true),
      size,
      unpackedSize: header.getUint32(22, true),
      crc: header.getUint32(14, true),
      offset,
    });
    offset = end;
  }
  return { entries, end: offset };
}

function signatureAt(source: ByteSource, offset: number): number {
  return offset + 4 <= source.size ? viewOf(source.read(offset, 4)).getUint32(0, true) : 0;
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
