/** What the UI's SQL says of a trace that `convert --to perfetto` made, in the shape of gotape's own figures. */
import type { Figure } from '../convert/perfetto-rules.js';
import type { PerfettoUi, SqlRow } from './perfetto-ui.js';

/** Names of states in the UI's tables. */
export const SQL_STATE = {
  running: 'Running',
  runnable: 'R',
  waiting: 'S',
  syscall: 'D',
  preempted: 'T',
} as const;

export function figuresOf(rows: readonly SqlRow[]): Record<string, Figure> {
  return Object.fromEntries(rows.map(({ key, n, ns }) => [String(key), { count: Number(n), ns: Number(ns) }]));
}

export async function slicesByCategory(ui: PerfettoUi): Promise<Record<string, Figure>> {
  return figuresOf(await ui.query('select category as key, count(*) n, sum(dur) ns from slice group by 1'));
}

/** States that have an end. */
export async function statesByName(ui: PerfettoUi): Promise<Record<string, Figure>> {
  return figuresOf(
    await ui.query('select state as key, count(*) n, sum(dur) ns from thread_state where dur >= 0 group by 1'),
  );
}

export async function runsByCpu(ui: PerfettoUi): Promise<Record<string, Figure>> {
  return figuresOf(await ui.query('select ucpu as key, count(*) n, sum(dur) ns from sched where dur >= 0 group by 1'));
}

/** Values of every counter track by name, in order of time. */
export async function countersByName(ui: PerfettoUi): Promise<Record<string, [timeNs: number, value: number][]>> {
  const rows = await ui.query(
    'select t.name, c.ts, c.value from counter c join track t on t.id = c.track_id order by t.name, c.ts',
  );
  const counters: Record<string, [number, number][]> = {};
  for (const { name, ts, value } of rows) {
    counters[String(name)] ??= [];
    counters[String(name)]!.push([Number(ts), Number(value)]);
  }
  return counters;
}
