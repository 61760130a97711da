/** Names of the archive's entries (docs/format.md, "Entries"). */
export const HEADER_ENTRY = 'gotape.pb';
export const SUMMARY_ENTRY = 'summary.pb';

/** In front of the names of files that somebody added. */
export const ATTACHMENTS = 'attachments/';

export const TABLES = ['transitions', 'goroutines', 'gaps'] as const;
export type TableName = (typeof TABLES)[number];

const SEGMENT_DIGITS = 6;

export function segmentEntry(table: TableName, segment: number): string {
  return `${table}/${String(segment).padStart(SEGMENT_DIGITS, '0')}.arrow`;
}

/** The table and segment of an entry; undefined for an entry that this version does not know. */
export function parseSegmentEntry(name: string): { table: TableName; segment: number } | undefined {
  const match = /^([a-z]+)\/(\d{6,9})\.arrow$/.exec(name);
  const table = TABLES.find((known) => known === match?.[1]);
  return table && match?.[2] ? { table, segment: Number(match[2]) } : undefined;
}
