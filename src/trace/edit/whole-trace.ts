/** What must hold before a trace is written anew: it is whole, and nothing in it is unknown to this version. */
import { UserError } from '../../base/errors.js';
import type { ArchiveEntry } from '../archive-reader.js';
import { ATTACHMENTS, HEADER_ENTRY, parseTableEntry, SUMMARY_ENTRY } from '../entry-names.js';
import { LABEL_PREFIX } from '../label-columns.js';
import type { TraceFile } from '../trace-file.js';
import type { TableSize } from '../trace-sizes.js';

/** Columns that are decoded and encoded again. `(arrow)` is the file format's own. */
const KNOWN_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  transitions: 'dt goid tid cpu p from to reason waker wake_source pid stack (arrow)'.split(' '),
  goroutines: 'goid pid first_seen_ns origin parent_goid start_function created_by (arrow)'.split(' '),
  gaps: 'from_ns to_ns lost why stream (arrow)'.split(' '),
  functions: 'frame function file line inlined (arrow)'.split(' '),
  stacks: 'stack frames truncated (arrow)'.split(' '),
  calls: 'start_ns end_ns goid pid tid function depth outcome arguments (arrow)'.split(' '),
  sched: 'dt time_ns tid cpu state syscall pid (arrow)'.split(' '),
};
const ANY_TABLE = /^([a-z]+)\/\d{6,9}\.arrow$/;

/** Of a trace whose damage is all known: its segments have been read. @throws UserError that says what to do */
export function assertWhole(trace: TraceFile): void {
  const [first] = trace.damage;
  if (first === undefined) return;
  throw new UserError(`is incomplete or damaged (${first}); make it whole first: gotape repair FILE -o OUT`);
}

/** @throws UserError where writing the tables anew would lose what a later version wrote */
export function assertKnown(trace: TraceFile): void {
  const unknown = [...unknownTables(trace.entries), ...unknownColumns(trace.measureTables())];
  if (unknown.length === 0) return;
  const by = trace.facts.producer || 'a newer gotape';
  throw new UserError(`holds what this gotape does not know and would lose: ${unknown.join(', ')} (written by ${by})`);
}

/** Entries that belong to no table and are copied as they are: attachments, and those of a later version. */
export function otherEntries({ entries }: Pick<TraceFile, 'entries'>): ArchiveEntry[] {
  const seen = new Set([HEADER_ENTRY, SUMMARY_ENTRY]);
  return entries.filter(({ name }) => {
    // Of equal names the first counts.
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew && !ANY_TABLE.test(name) && !name.endsWith('/');
  });
}

export function isAttachment({ name }: ArchiveEntry): boolean {
  return name.startsWith(ATTACHMENTS) && name.length > ATTACHMENTS.length;
}

function unknownTables(entries: readonly ArchiveEntry[]): string[] {
  const names = entries.map(({ name }) => (parseTableEntry(name) ? undefined : ANY_TABLE.exec(name)?.[1]));
  return [...new Set(names)].flatMap((name) => (name === undefined ? [] : [`table ${name}`]));
}

function unknownColumns(tables: Readonly<Record<string, TableSize>>): string[] {
  return Object.entries(tables).flatMap(([table, { columns }]) =>
    Object.keys(columns)
      .filter((column) => KNOWN_COLUMNS[table]?.includes(column) === false)
      .filter((column) => !(table === 'goroutines' && column.startsWith(LABEL_PREFIX)))
      .map((column) => `column ${column} of ${table}`),
  );
}
