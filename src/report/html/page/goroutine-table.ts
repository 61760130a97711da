import type { GoroutineRow, Picture } from '../../../analyze/picture/picture.js';
import { element, note } from './dom.js';
import { count, functionName, time } from './format.js';
import { type Column, table } from './table.js';

export function goroutineTable({ goroutines, goroutinesOmitted }: Picture): HTMLElement {
  const ns = (title: string, of: (row: GoroutineRow) => number): Column<GoroutineRow> => ({
    title,
    text: (row) => (of(row) === 0 ? '–' : time(of(row))),
    value: of,
  });
  const columns: Column<GoroutineRow>[] = [
    { title: 'goroutine', text: ({ goid }) => String(goid), value: ({ goid }) => goid },
    { title: 'start function', text: (row) => functionName(row.startFunction), value: (row) => row.startFunction },
    ns('execution', (row) => row.executionNs),
    ns('sched wait', (row) => row.schedWaitNs),
    ns('longest', (row) => row.maxSchedWaitNs),
    ns('block', (row) => row.blockNs),
    ns('longest block', (row) => row.maxBlockNs),
    ns('syscall', (row) => row.syscallNs),
    ns('unknown', (row) => row.otherNs),
    { title: 'created by', text: ({ createdBy }) => createdBy, value: ({ createdBy }) => createdBy },
  ];
  const pids = new Set(goroutines.map(({ pid }) => pid));
  if (pids.size > 1) columns.unshift({ title: 'process', text: ({ pid }) => String(pid), value: ({ pid }) => pid });
  if (goroutines.some(({ labels }) => labels !== ''))
    columns.push({ title: 'labels', text: ({ labels }) => labels, value: ({ labels }) => labels });
  const omitted =
    goroutinesOmitted === 0 ? [] : [note(`${count(goroutinesOmitted)} goroutines with less known time are left out.`)];
  return element('div', {}, table(columns, goroutines, { label: 'goroutines', filter: 'filterable' }), ...omitted);
}
