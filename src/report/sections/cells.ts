/** Cells and tables that several sections share. */
import type { Extreme } from '../../analyze/analysis.js';
import type { DurationStats } from '../../analyze/sections.js';
import { formatCount, formatNs, printable } from '../../base/text.js';
import { LINE_WIDTH, type TableColumn, tableLines } from '../text-table.js';
import { wrap } from '../wrap.js';

export const left = (title: string): TableColumn => ({ title, align: 'left' });
export const right = (title: string): TableColumn => ({ title, align: 'right' });

export const STATS_COLUMNS = ['count', 'total', 'min', 'avg', 'p50', 'p95', 'p99', 'max'].map(right);

export function statsCells(stats: DurationStats): string[] {
  const { count, totalNs, minNs, avgNs, p50Ns, p95Ns, p99Ns, maxNs } = stats;
  return [formatCount(count), ...[totalNs, minNs, avgNs, p50Ns, p95Ns, p99Ns, maxNs].map(formatNs)];
}

export function nameCell(name: string): string {
  return name === '' ? '(not known)' : name;
}

/** `g7 at 1.23 s`. */
export function extremeCell({ goid, startNs }: Extreme): string {
  return `g${goid} at ${formatNs(startNs)}`;
}

/** Text from a trace, as lines of a report. */
export function wrapped(text: string, indent = '  '): string[] {
  return wrap(printable(text), LINE_WIDTH - indent.length - 2).map(
    (line, at) => `${indent}${at === 0 ? '' : '  '}${line}`,
  );
}

export function omittedLine(omitted: number, what: string): string[] {
  return omitted > 0 ? [`  … and ${formatCount(omitted)} more ${what} (--top)`] : [];
}

export interface RowGroup {
  readonly heading: string;
  readonly rows: readonly (readonly string[])[];
}

/** One table whose rows stand under headings that are longer than any column could be. */
export function groupedLines(columns: readonly TableColumn[], groups: readonly RowGroup[]): string[] {
  if (groups.length === 0) return [];
  const [head = '', ...rows] = tableLines({ columns, rows: groups.flatMap((group) => group.rows), flexible: 0 });
  const lines = [head];
  for (const { heading, rows: own } of groups) lines.push(...wrapped(heading), ...rows.splice(0, own.length));
  return lines;
}
