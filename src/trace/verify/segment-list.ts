/** The entries of a trace by segment, in the order of their numbers. */
import type { ArchiveEntry } from '../archive-reader.js';
import { type AnyTableName, parseTableEntry } from '../entry-names.js';

export interface SegmentEntries {
  readonly number: number;
  readonly tables: Readonly<Partial<Record<AnyTableName, ArchiveEntry>>>;
}

/** Of equal names the first counts. */
export function segmentsOf(entries: readonly ArchiveEntry[]): SegmentEntries[] {
  const tablesByNumber = new Map<number, Partial<Record<AnyTableName, ArchiveEntry>>>();
  for (const entry of entries) {
    const place = parseTableEntry(entry.name);
    if (place === undefined) continue;
    const tables = tablesByNumber.get(place.segment) ?? {};
    tables[place.table] ??= entry;
    tablesByNumber.set(place.segment, tables);
  }
  return [...tablesByNumber].sort(([a], [b]) => a - b).map(([number, tables]) => ({ number, tables }));
}
