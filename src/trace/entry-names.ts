/** Names of the archive's entries (docs/format.md, "Entries"). */
export const HEADER_ENTRY = 'gotape.pb';
export const SUMMARY_ENTRY = 'summary.pb';

/** In front of the names of files that somebody added. */
export const ATTACHMENTS = 'attachments/';

export const TABLES = ['transitions', 'goroutines', 'gaps'] as const;
export type TableName = (typeof TABLES)[number];

/** What a trace that was cut says about its borders: the goroutines' states at its start, their next changes behind its end. */
export const BORDER_TABLES = ['states', 'after'] as const;
export type BorderTableName = (typeof BORDER_TABLES)[number];

/** What a trace holds that was recorded with `--stacks`, `--call` or `--sched`. */
export const DETAIL_TABLES = ['functions', 'stacks', 'calls', 'sched'] as const;
export type DetailTableName = (typeof DETAIL_TABLES)[number];

export type AnyTableName = TableName | BorderTableName | DetailTableName;
const ANY_TABLES: readonly AnyTableName[] = [...TABLES, ...BORDER_TABLES, ...DETAIL_TABLES];

const SEGMENT_DIGITS = 6;

export function segmentEntry(table: AnyTableName, segment: number): string {
  return `${table}/${String(segment).padStart(SEGMENT_DIGITS, '0')}.arrow`;
}

/** The table and segment of an entry; undefined for an entry that this version does not know. */
export function parseTableEntry(name: string): { table: AnyTableName; segment: number } | undefined {
  return parseEntry(name, ANY_TABLES);
}

/** The same for the tables that every trace may have. */
export function parseSegmentEntry(name: string): { table: TableName; segment: number } | undefined {
  return parseEntry(name, TABLES);
}

function parseEntry<T extends string>(name: string, tables: readonly T[]): { table: T; segment: number } | undefined {
  const match = /^([a-z]+)\/(\d{6,9})\.arrow$/.exec(name);
  const table = tables.find((known) => known === match?.[1]);
  return table && match?.[2] ? { table, segment: Number(match[2]) } : undefined;
}
