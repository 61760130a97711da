/** What takes how much room in a trace file. */
import type { ByteSource } from '../base/byte-source.js';
import { UserError } from '../base/errors.js';
import { type ArchiveEntry, readEntry } from './archive-reader.js';
import { columnSizes } from './column-sizes.js';
import { parseTableEntry } from './entry-names.js';

export interface TableSize {
  readonly entries: number;
  readonly bytes: number;
  /** Compressed bytes by column; `(arrow)` is what the file format itself takes. */
  readonly columns: Readonly<Record<string, number>>;
}

/** Sizes by table name; entries that are no table stand under their own name. Reads every table once. */
export function measureTables(source: ByteSource, entries: readonly ArchiveEntry[]): Record<string, TableSize> {
  const tables = new Map<string, { entries: number; bytes: number; columns: Map<string, number> }>();
  for (const entry of entries) {
    const table = parseTableEntry(entry.name)?.table;
    const name = table ?? entry.name;
    const size = tables.get(name) ?? { entries: 0, bytes: 0, columns: new Map() };
    size.entries++;
    size.bytes += entry.size;
    if (table !== undefined) {
      for (const [column, bytes] of columnSizesOf(source, entry)) {
        const key = column || '(arrow)';
        size.columns.set(key, (size.columns.get(key) ?? 0) + bytes);
      }
    }
    tables.set(name, size);
  }
  return Object.fromEntries([...tables].map(([name, size]) => [name, { ...size, columns: plain(size.columns) }]));
}

/** A damaged table counts as a whole: whoever reads its rows says what is wrong with it. */
function columnSizesOf(source: ByteSource, entry: ArchiveEntry): ReadonlyMap<string, number> {
  try {
    return columnSizes(readEntry(source, entry), entry.name);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return new Map([['(unreadable)', entry.size]]);
  }
}

function plain(sizes: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(sizes);
}
