/** Does the ZIP container hold what its table of contents says, and nothing else? (docs/format.md, "Container") */
import type { ByteSource } from '../../base/byte-source.js';
import type { ArchiveEntry } from '../archive-reader.js';
import {
  CENTRAL_SIGNATURE,
  END_SIGNATURE,
  END64_SIGNATURE,
  LOCAL_HEADER_BYTES,
  LOCAL_HEADER_SIGNATURE,
  viewOf,
} from '../zip-layout.js';
import type { ProblemList } from './problems.js';

/** Compares the table of contents with the local headers, which whoever repairs a file goes by. */
export function checkContainer(source: ByteSource, entries: readonly ArchiveEntry[], problems: ProblemList): void {
  const names = new Set<string>();
  let end = 0;
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const { name } = entry;
    const wrong = (found: string, expected: string) => problems.add({ kind: 'archive', entry: name, found, expected });
    if (names.has(name)) wrong('a name that another entry has', 'names that differ');
    names.add(name);
    if (entry.offset !== end) wrong(`an entry at ${entry.offset}`, `one at ${end}, where the one before ends`);
    const header = localHeader(source, entry);
    if (header === undefined) wrong(`no local header at ${entry.offset}`, 'one that agrees with the table of contents');
    else if (header.differs) wrong(`${header.differs} in the local header`, 'what the table of contents says');
    end = header?.end ?? end;
  }
  const signature = end + 4 <= source.size ? viewOf(source.read(end, 4)).getUint32(0, true) : 0;
  if (signature !== CENTRAL_SIGNATURE && signature !== END_SIGNATURE && signature !== END64_SIGNATURE) {
    problems.add({
      kind: 'archive',
      entry: '',
      found: `bytes of no entry at ${end}`,
      expected: 'the table of contents',
    });
  }
}

/** What the entry's local header says otherwise, and where its bytes end. */
function localHeader(source: ByteSource, entry: ArchiveEntry): { differs: string; end: number } | undefined {
  if (entry.offset + LOCAL_HEADER_BYTES > source.size) return undefined;
  const header = viewOf(source.read(entry.offset, LOCAL_HEADER_BYTES));
  if (header.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE) return undefined;
  const nameBytes = header.getUint16(26, true);
  const nameAt = entry.offset + LOCAL_HEADER_BYTES;
  if (nameAt + nameBytes > source.size) return undefined;
  const isOwnName = Buffer.from(source.read(nameAt, nameBytes)).toString('utf8') === entry.name;
  const differs = [
    ...(isOwnName ? [] : ['another name']),
    ...(header.getUint16(8, true) === entry.method ? [] : ['another method']),
    ...(header.getUint32(14, true) === entry.crc ? [] : ['another CRC']),
    ...(header.getUint32(18, true) === entry.size && header.getUint32(22, true) === entry.unpackedSize
      ? []
      : ['other sizes']),
  ];
  return { differs: differs.join(', '), end: nameAt + nameBytes + header.getUint16(28, true) + entry.size };
}
