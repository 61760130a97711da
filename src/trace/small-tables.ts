/** The tables that hold a few rows a segment: `goroutines` and `gaps`. */
import type { Gap, GoroutineInfo, Origin } from '../model/trace-facts.js';
import { int64Column, stringColumn, uint32Column } from './arrow-columns.js';
import { decodeTable, encodeTable } from './arrow-file.js';
import { ColumnAccess } from './column-access.js';
import { decodeLabels, labelColumns } from './label-columns.js';

const ORIGINS: readonly Origin[] = ['created', 'found', 'referred', 'relabelled'];
const NO_METADATA: ReadonlyMap<string, string> = new Map();

export function encodeGoroutines(rows: readonly GoroutineInfo[], level: number): Uint8Array {
  const columns = [
    int64Column(
      'goid',
      rows.map((row) => row.goid),
    ),
    uint32Column(
      'pid',
      Uint32Array.from(rows, (row) => row.pid),
    ),
    int64Column(
      'first_seen_ns',
      rows.map((row) => row.firstSeenNs),
    ),
    stringColumn(
      'origin',
      rows.map((row) => row.origin),
    ),
    int64Column(
      'parent_goid',
      rows.map((row) => row.parentGoid),
    ),
    stringColumn(
      'start_function',
      rows.map((row) => row.startFunction),
    ),
    stringColumn(
      'created_by',
      rows.map((row) => row.createdBy),
    ),
    ...labelColumns(rows),
  ];
  return encodeTable(columns, rows.length, NO_METADATA, level);
}

export function decodeGoroutines(bytes: Uint8Array, entry: string): GoroutineInfo[] {
  const table = decodeTable(bytes, entry);
  const columns = new ColumnAccess(table, entry);
  const goid = columns.int64s('goid');
  const pid = columns.unsigned('pid');
  const firstSeenNs = columns.int64s('first_seen_ns');
  const origin = columns.strings('origin');
  const parentGoid = columns.int64s('parent_goid');
  const startFunction = columns.strings('start_function');
  const createdBy = columns.strings('created_by');
  const labels = decodeLabels(columns);
  return goid.map((id, i) => ({
    goid: id,
    pid: pid[i]!,
    firstSeenNs: firstSeenNs[i]!,
    origin: ORIGINS.find((known) => known === origin[i]) ?? 'found',
    parentGoid: parentGoid[i]!,
    startFunction: startFunction[i]!,
    createdBy: createdBy[i]!,
    ...(labels[i] === undefined ? {} : { labels: labels[i] }),
  }));
}

export function encodeGaps(rows: readonly Gap[], level: number): Uint8Array {
  const columns = [
    int64Column(
      'from_ns',
      rows.map((row) => row.fromNs),
    ),
    int64Column(
      'to_ns',
      rows.map((row) => row.toNs),
    ),
    int64Column(
      'lost',
      rows.map((row) => row.lost),
    ),
    stringColumn(
      'why',
      rows.map((row) => row.why),
    ),
  ];
  if (rows.some(({ stream }) => stream !== undefined)) {
    columns.push(
      stringColumn(
        'stream',
        rows.map(({ stream }) => stream ?? ''),
      ),
    );
  }
  return encodeTable(columns, rows.length, NO_METADATA, level);
}

export function decodeGaps(bytes: Uint8Array, entry: string): Gap[] {
  const columns = new ColumnAccess(decodeTable(bytes, entry), entry);
  const fromNs = columns.int64s('from_ns');
  const toNs = columns.int64s('to_ns');
  const lost = columns.int64s('lost');
  const why = columns.strings('why');
  const stream = columns.has('stream') ? columns.strings('stream') : [];
  return fromNs.map((from, i) => ({
    fromNs: from,
    toNs: toNs[i]!,
    lost: lost[i]!,
    why: why[i]!,
    ...(stream[i] ? { stream: stream[i] } : {}),
  }));
}
