/** Finds the entries of a trace file: by its central directory, or, when it was cut off, by its local headers. */
import type { Readable } from 'node:stream';
import { Readable as NodeReadable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import type { ByteSource } from '../base/byte-source.js';
import { errorText, UserError } from '../base/errors.js';
import { LOCAL_HEADER_BYTES, LOCAL_HEADER_SIGNATURE } from './zip-layout.js';

const STORED = 0;
/** A segment of 65,536 rows is below 2 MiB; attachments may be larger but are not read here. */
const MAXIMUM_ENTRY_BYTES = 512 * 1024 * 1024;
const MAXIMUM_ENTRIES = 10_000_000;

export interface ArchiveEntry {
  readonly name: string;
  readonly size: number;
  readonly crc: number;
  readonly isStored: boolean;
  /** Of its local header. */
  readonly offset: number;
}

export interface Archive {
  readonly entries: readonly ArchiveEntry[];
  /** Sentences about what is missing; empty for a complete file. */
  readonly damage: readonly string[];
}

/** @throws UserError when the bytes are no ZIP at all */
export async function readArchive(source: ByteSource): Promise<Archive> {
  if (source.size === 0) throw new UserError('is empty, expected a gotape trace');
  const signature = source.size >= 4 ? readView(source, 0, 4).getUint32(0, true) : 0;
  if (signature !== LOCAL_HEADER_SIGNATURE)
    throw new UserError('is not a gotape trace (it does not begin like a ZIP archive)');
  try {
    return { entries: await readCentralDirectory(source), damage: [] };
  } catch (error) {
    const { entries, end } = scanLocalHeaders(source);
    const torn = source.size - end;
    const what = torn > 0 ? `; the last ${torn} bytes are a torn entry and were left out` : '';
    return { entries, damage: [`the file was cut off: it has no table of contents (${errorText(error)})${what}`] };
  }
}

/** The entry's bytes, CRC checked. @throws UserError naming the entry */
export function readEntry(source: ByteSource, entry: ArchiveEntry): Uint8Array {
  if (!entry.isStored) throw new UserError(`${entry.name}: is compressed by ZIP, expected a stored entry`);
  if (entry.size > MAXIMUM_ENTRY_BYTES)
    throw new UserError(`${entry.name}: claims ${entry.size} bytes, expected less than 512 MiB`);
  let bytes: Uint8Array;
  try {
    const header = readView(source, entry.offset, LOCAL_HEADER_BYTES);
    if (header.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE)
      throw new UserError(`${entry.name}: no local header at ${entry.offset}`);
    const start = entry.offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
    bytes = source.read(start, entry.size);
  } catch (error) {
    if (error instanceof RangeError)
      throw new UserError(`${entry.name}: reaches beyond the end of the file`, { cause: error });
    throw error;
  }
  const crc = crc32(bytes);
  if (crc !== entry.crc)
    throw new UserError(`${entry.name}: CRC-32 is ${hex(crc)}, the archive says ${hex(entry.crc)}`);
  return bytes;
}

function readCentralDirectory(source: ByteSource): Promise<ArchiveEntry[]> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: true, validateEntrySizes: false };
    yauzl.fromRandomAccessReader(new SourceReader(source), source.size, options, (error, zip) => {
      if (error) return reject(error);
      const entries: ArchiveEntry[] = [];
      zip.on('error', reject);
      zip.on('end', () => resolve(entries));
      zip.on('entry', (entry: yauzl.Entry) => {
        if (entries.length >= MAXIMUM_ENTRIES) return reject(new UserError('has too many entries'));
        entries.push({
          name: entry.fileName,
          size: entry.compressedSize,
          crc: entry.crc32,
          isStored: entry.compressionMethod === STORED,
          offset: entry.relativeOffsetOfLocalHeader,
        });
        zip.readEntry();
      });
      zip.readEntry();
    });
  });
}

/** Walks from local header to local header. Ends before the first entry that is not there as a whole. */
function scanLocalHeaders(source: ByteSource): { entries: ArchiveEntry[]; end: number } {
  const entries: ArchiveEntry[] = [];
  let offset = 0;
  while (offset + LOCAL_HEADER_BYTES <= source.size) {
    const header = readView(source, offset, LOCAL_HEADER_BYTES);
    if (header.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE) break;
    const size = header.getUint32(18, true);
    const nameBytes = header.getUint16(26, true);
    const end = offset + LOCAL_HEADER_BYTES + nameBytes + header.getUint16(28, true) + size;
    if (end > source.size) break;
    const name = Buffer.from(source.read(offset + LOCAL_HEADER_BYTES, nameBytes)).toString('utf8');
    entries.push({
      name,
      size,
      crc: header.getUint32(14, true),
      isStored: header.getUint16(8, true) === STORED,
      offset,
    });
    offset = end;
  }
  return { entries, end: offset };
}

function readView(source: ByteSource, offset: number, length: number): DataView {
  const bytes = source.read(offset, length);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

/** A byte source as yauzl wants it. */
class SourceReader extends yauzl.RandomAccessReader {
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return NodeReadable.from([Buffer.from(this.#source.read(start, end - start))]);
  }
}
