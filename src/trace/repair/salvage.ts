/**
 * Finds the entries of a file that may be torn anywhere. The table of contents is believed when it can be read. Else:
 *
 * 1. Walk from local header to local header.
 * 2. Where none stands, or one that cannot be right, look for the next entry that a recorder could have written after
 *    the last one: its CRC must be right. An attachment may be a trace as well, whose entries are not this one's.
 */
import { crc32 } from 'node:zlib';
import type { ByteSource } from '../../base/byte-source.js';
import { type ArchiveEntry, readArchive } from '../archive-reader.js';
import { ATTACHMENTS, parseTableEntry, SUMMARY_ENTRY } from '../entry-names.js';
import { CENTRAL_SIGNATURE, LOCAL_HEADER_BYTES, LOCAL_HEADER_SIGNATURE, viewOf } from '../zip-layout.js';

export interface Salvage {
  /** In the order of the file. They lie within it; nothing more is known of them. */
  readonly entries: readonly ArchiveEntry[];
  /** Sentences about bytes that belong to no entry any more. */
  readonly lost: readonly string[];
}

/** Flags of every entry that gotape writes: UTF-8 names. */
const OWN_FLAGS = 1 << 11;
const STORED = 0;
const MAXIMUM_ENTRY_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const SIGNATURE = Buffer.from('PK\u0003\u0004', 'latin1');
/** A hostile file could have a header at every byte. */
const MAXIMUM_CHECKED_SIZES = 4;

/** @throws UserError when it is no ZIP archive at all */
export function salvageEntries(source: ByteSource): Salvage {
  const { entries, damage } = readArchive(source);
  if (damage.length === 0) return { entries: entries.toSorted((a, b) => a.offset - b.offset), lost: [] };
  return new Scan(source).run();
}

interface Found {
  readonly entry: ArchiveEntry;
  readonly end: number;
  readonly flags: number;
}

class Scan {
  readonly #source: ByteSource;
  readonly #entries: ArchiveEntry[] = [];
  readonly #lost: string[] = [];
  #segment = 0;
  #checkedBytes = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  run(): Salvage {
    let at = 0;
    while (at < this.#source.size && signatureAt(this.#source, at) !== CENTRAL_SIGNATURE) {
      const found = localEntry(this.#source, at);
      if (found !== undefined && (this.#isSound(found) || this.#leadsOn(found.end))) at = this.#take(found);
      else {
        const next = this.#nextEntry(at + 4);
        const end = next?.entry.offset ?? this.#source.size;
        const name = found === undefined ? '' : ` (${found.entry.name})`;
        this.#lost.push(`${end - at} bytes at ${at} are a torn entry${name}`);
        at = end;
      }
    }
    return { entries: this.#entries, lost: this.#lost };
  }

  #take({ entry, end }: Found): number {
    this.#entries.push(entry);
    this.#segment = parseTableEntry(entry.name)?.segment ?? this.#segment;
    return end;
  }

  /** Something of a ZIP archive stands there, or its end. */
  #leadsOn(at: number): boolean {
    const signature = signatureAt(this.#source, at);
    const isEnd = at === this.#source.size;
    return isEnd || signature === LOCAL_HEADER_SIGNATURE || signature === CENTRAL_SIGNATURE;
  }

  #nextEntry(from: number): Found | undefined {
    for (let at = from; at < this.#source.size; ) {
      const chunk = this.#source.read(at, Math.min(CHUNK_BYTES, this.#source.size - at));
      const place = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).indexOf(SIGNATURE);
      // A signature may lie across the chunk's end.
      if (place < 0) at += Math.max(1, chunk.length - SIGNATURE.length + 1);
      else {
        const found = localEntry(this.#source, at + place);
        if (found !== undefined && this.#mayFollow(found) && this.#isSound(found)) return found;
        at += place + 1;
      }
    }
    return undefined;
  }

  #mayFollow({ entry, flags }: Found): boolean {
    if (flags !== OWN_FLAGS || entry.method !== STORED) return false;
    const segment = parseTableEntry(entry.name)?.segment;
    if (segment !== undefined) return segment >= this.#segment;
    return entry.name === SUMMARY_ENTRY || entry.name.startsWith(ATTACHMENTS);
  }

  #isSound({ entry, end }: Found): boolean {
    const { size, crc } = entry;
    this.#checkedBytes += size;
    if (size > MAXIMUM_ENTRY_BYTES || this.#checkedBytes > MAXIMUM_CHECKED_SIZES * this.#source.size) return false;
    return crc32(this.#source.read(end - size, size)) === crc;
  }
}

/** The entry whose local header stands at `at`, if one does and all of its bytes are there. */
function localEntry(source: ByteSource, at: number): Found | undefined {
  if (at + LOCAL_HEADER_BYTES > source.size) return undefined;
  const header = viewOf(source.read(at, LOCAL_HEADER_BYTES));
  if (header.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE) return undefined;
  const nameBytes = header.getUint16(26, true);
  const size = header.getUint32(18, true);
  const end = at + LOCAL_HEADER_BYTES + nameBytes + header.getUint16(28, true) + size;
  if (end > source.size) return undefined;
  const entry = {
    name: Buffer.from(source.read(at + LOCAL_HEADER_BYTES, nameBytes)).toString('utf8'),
    method: header.getUint16(8, true),
    size,
    unpackedSize: header.getUint32(22, true),
    crc: header.getUint32(14, true),
    offset: at,
  };
  return { entry, end, flags: header.getUint16(6, true) };
}

function signatureAt(source: ByteSource, at: number): number {
  return at + 4 <= source.size ? viewOf(source.read(at, 4)).getUint32(0, true) : 0;
}
