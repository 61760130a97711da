/** Tables of durations: by start function, by reason, of system calls, of the collector, of calls. */
import type { Analysis } from '../../../analyze/analysis.js';
import type { DurationStats, GroupStats } from '../../../analyze/sections.js';
import { element } from './dom.js';
import { count, functionName, percent, time } from './format.js';
import { type Column, table } from './table.js';

/** The columns of durations. @param of null: there are none */
export function statsColumns<Row>(of: (row: Row) => DurationStats | null): Column<Row>[] {
  const column = (
    title: string,
    pick: (stats: DurationStats) => number,
    show: (value: number) => string,
  ): Column<Row> => ({
    title,
    text: (row) => {
      const stats = of(row);
      return stats === null ? '–' : show(pick(stats));
    },
    value: (row) => {
      const stats = of(row);
      return stats === null ? -1 : pick(stats);
    },
  });
  return [
    column('count', (stats) => stats.count, count),
    column('total', (stats) => stats.totalNs, time),
    column('avg', (stats) => stats.avgNs, time),
    column('p50', (stats) => stats.p50Ns, time),
    column('p95', (stats) => stats.p95Ns, time),
    column('p99', (stats) => stats.p99Ns, time),
    column('max', (stats) => stats.maxNs, time),
  ];
}

const text = <Row>(title: string, of: (row: Row) => string): Column<Row> => ({ title, text: of, value: of });
const number = <Row>(title: string, of: (row: Row) => number, show: (value: number) => string): Column<Row> => ({
  title,
  text: (row) => show(of(row)),
  value: of,
});

const STATES_OF_GROUP: readonly (readonly [string, (group: GroupStats) => DurationStats | null])[] = [
  ['execution', (group) => group.execution],
  ['sched wait', (group) => group.schedWait],
  ['block', (group) => group.block],
  ['syscall', (group) => group.syscall],
];

/** One table with the totals, and one for each state. */
export function functionTables({ sections }: Analysis): HTMLElement[] {
  const list = sections.functions?.list ?? [];
  const name = text<GroupStats>('start function', (group) => functionName(group.name));
  const many = number<GroupStats>('goroutines', (group) => group.goroutines, count);
  const totals = STATES_OF_GROUP.map(([state, of]) =>
    number<GroupStats>(state, (group) => of(group)?.totalNs ?? 0, time),
  );
  const details = STATES_OF_GROUP.map(([state, of]) =>
    element(
      'details',
      {},
      element('summary', {}, state),
      table(
        [name, ...statsColumns(of)],
        list.filter((group) => of(group) !== null),
        { label: `${state} by start function` },
      ),
    ),
  );
  return [table([name, many, ...totals], list, { label: 'time by start function', filter: 'filterable' }), ...details];
}

export function reasonTable({ sections }: Analysis): HTMLElement {
  type Reason = { readonly reason: string } & DurationStats;
  const reason = text<Reason>('blocked for', (row) => row.reason || '(not told)');
  return table([reason, ...statsColumns<Reason>((row) => row)], sections.block?.reasons ?? [], {
    label: 'block time by reason',
  });
}

export function syscallTables({ sections }: Analysis): HTMLElement[] {
  type Row = { readonly startFunction: string } & DurationStats;
  const name = text<Row>('start function', (row) => functionName(row.startFunction));
  return [
    table([name, ...statsColumns<Row>((row) => row)], sections.syscalls?.byFunction ?? [], {
      label: 'system calls by start function',
    }),
  ];
}

export function gcTable({ sections }: Analysis): HTMLElement {
  type Felt = NonNullable<Analysis['sections']['gc']>['felt'][number];
  return table<Felt>(
    [
      text('what', (row) => row.what),
      text('what it means', (row) => row.meaning),
      number('goroutines', (row) => row.goroutines, count),
      ...statsColumns<Felt>((row) => row),
    ],
    sections.gc?.felt ?? [],
    { label: 'what goroutines did because of the collector' },
  );
}

export function callTable({ sections }: Analysis): HTMLElement {
  type Call = NonNullable<Analysis['sections']['calls']>['functions'][number];
  const within = (pick: (row: Call['within']) => number) => (row: Call) => {
    const { within: split } = row;
    const sum =
      split.executionNs + split.schedWaitNs + split.blockNs + split.syscallNs + split.preemptedNs + split.otherNs;
    return sum > 0 ? pick(split) / sum : 0;
  };
  return table<Call>(
    [
      text('function', (row) => row.function),
      ...statsColumns<Call>((row) => row.latency),
      number(
        'execution',
        within((split) => split.executionNs),
        percent,
      ),
      number(
        'sched wait',
        within((split) => split.schedWaitNs),
        percent,
      ),
      number(
        'block',
        within((split) => split.blockNs),
        percent,
      ),
      number(
        'syscall',
        within((split) => split.syscallNs),
        percent,
      ),
    ],
    sections.calls?.functions ?? [],
    { label: 'recorded calls of functions' },
  );
}
