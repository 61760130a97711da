/** pprof labels as columns `label.KEY` of the `goroutines` table: the empty string where a goroutine has none of that key. */
import type { GoroutineInfo, Label } from '../model/trace-facts.js';
import { type Column, stringColumn } from './arrow-columns.js';
import type { ColumnAccess } from './column-access.js';

export const LABEL_PREFIX = 'label.';
/** Keys that one table may have. */
export const MAXIMUM_LABEL_KEYS = 64;
/** Says what was left out where there were more. */
const MORE = '…';

/** Keys of labels that are set. A loop: a recorder asks for each segment, and few goroutines have any. */
export function labelKeys(rows: readonly GoroutineInfo[]): Set<string> {
  const keys = new Set<string>();
  for (const { labels } of rows) {
    if (labels === undefined) continue;
    for (const { key, value } of labels) if (value !== '') keys.add(key);
  }
  return keys;
}

/** In order of their keys, so that the same labels come back in the same order whatever else the table holds. */
export function labelColumns(rows: readonly GoroutineInfo[]): Column[] {
  const keys = labelKeys(rows);
  if (keys.size === 0) return [];
  const fits = keys.size <= MAXIMUM_LABEL_KEYS;
  const kept = fits ? keys : new Set([...[...keys].slice(0, MAXIMUM_LABEL_KEYS - 1), MORE]);
  const values = rows.map((row) => valuesOf(row, kept));
  return [...kept].sort().map((key) =>
    stringColumn(
      LABEL_PREFIX + key,
      values.map((byKey) => byKey.get(key) ?? ''),
    ),
  );
}

function valuesOf({ labels = [] }: GoroutineInfo, kept: ReadonlySet<string>): ReadonlyMap<string, string> {
  const byKey = new Map<string, string>();
  let dropped = 0;
  for (const { key, value } of labels) {
    if (kept.has(key)) byKey.set(key, value);
    else if (value !== '') dropped++;
  }
  if (dropped > 0) byKey.set(MORE, `${dropped} not kept: this table has more than ${MAXIMUM_LABEL_KEYS} keys`);
  return byKey;
}

/** Labels by row; undefined for a row without any. */
export function decodeLabels(columns: ColumnAccess): (readonly Label[] | undefined)[] {
  const labels: (Label[] | undefined)[] = new Array(columns.rows).fill(undefined);
  for (const name of columns.names.filter((column) => column.startsWith(LABEL_PREFIX)).sort()) {
    const key = name.slice(LABEL_PREFIX.length);
    for (const [row, value] of columns.strings(name).entries()) {
      if (value === '') continue;
      labels[row] ??= [];
      labels[row].push({ key, value });
    }
  }
  return labels;
}
