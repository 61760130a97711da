/** A whole trace in memory, as objects: for tests, whose traces are short. */
import { GoState, goStateName } from '../../src/model/go-state.js';
import type { Gap, GoroutineInfo, TraceFacts, TraceSummary } from '../../src/model/trace-facts.js';
import { isExecutingReason, PREEMPTED_REASON } from '../../src/model/wait-reason.js';
import { wakeSourceName } from '../../src/model/wake-source.js';
import { StackTable } from '../../src/replay/stack-table.js';
import { openTrace } from '../../src/trace/open-trace.js';

export interface Row {
  readonly timeNs: number;
  readonly pid: number;
  readonly goid: number;
  readonly tid: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly waker: number;
  readonly wakeSource: string;
  /** Id in {@link TraceRows.stacks}. */
  readonly stack: number;
}

export interface TraceRows {
  readonly facts: TraceFacts;
  readonly summary: TraceSummary | undefined;
  readonly endNs: number;
  readonly damage: readonly string[];
  readonly goroutines: readonly GoroutineInfo[];
  readonly gaps: readonly Gap[];
  readonly rows: readonly Row[];
  readonly stacks: StackTable;
}

export async function readTraceRows(path: string): Promise<TraceRows> {
  using trace = await openTrace(path);
  const goroutines: GoroutineInfo[] = [];
  const gaps: Gap[] = [];
  const rows: Row[] = [];
  const stacks = new StackTable();
  for await (const segment of trace.segments()) {
    goroutines.push(...segment.goroutines);
    gaps.push(...segment.gaps);
    stacks.add(segment);
    const batch = segment.transitions;
    for (let i = 0; i < batch.length; i++) {
      rows.push({
        timeNs: batch.timeNs[i]!,
        pid: batch.pid[i]!,
        goid: batch.goid[i]!,
        tid: batch.tid[i]!,
        from: batch.from[i]!,
        to: batch.to[i]!,
        reason: trace.reasons[batch.reason[i]!] ?? '',
        waker: batch.waker[i]!,
        wakeSource: wakeSourceName(batch.wakeSource[i]!),
        stack: batch.stack[i]!,
      });
    }
  }
  const { facts, summary, endNs, damage } = trace;
  return { facts, summary, endNs, damage, goroutines, gaps, rows, stacks };
}

export function changeOf({ from, to }: Pick<Row, 'from' | 'to'>): string {
  return `${goStateName(from)}→${goStateName(to)}`;
}

/** Goroutines by start function. */
export function goidsOf(trace: TraceRows, startFunction: string): number[] {
  return trace.goroutines.filter((info) => info.startFunction === startFunction).map(({ goid }) => goid);
}

/** Rows of one goroutine, in order. */
export function rowsOf(trace: TraceRows, goid: number): Row[] {
  return trace.rows.filter((row) => row.goid === goid);
}

/** A wait in which the goroutine neither executes on the system stack nor was stopped for a stack scan. */
export function isBlocking({ to, reason }: Row): boolean {
  return to === GoState.waiting && !isExecutingReason(reason) && reason !== PREEMPTED_REASON;
}

/** How often a change was made: `running→dead`. */
export function countOf(rows: readonly Row[], change: string): number {
  return rows.filter((row) => changeOf(row) === change).length;
}
