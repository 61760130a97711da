/** Calls and OS schedules of several traces, in order of time. Each trace is read table by table, whatever its rows do. */
import { Heap } from '../../base/heap.js';
import type { CallInfo } from '../../model/call.js';
import type { OsScheduleBatch } from '../../model/os-schedule.js';
import type { Placed } from './merge-clocks.js';

/** Id of a process in the merged trace. */
type PidOf = (trace: Placed, pid: number) => number;

export interface ScheduleRow {
  readonly timeNs: number;
  readonly batch: OsScheduleBatch;
  readonly row: number;
}

/** Items of several sources that are each in order. */
export class MergedStream<T> {
  readonly #heap: Heap<{ readonly item: T; readonly rank: number; readonly rest: Iterator<T> }>;
  readonly #timeOf: (item: T) => number;

  constructor(sources: readonly Iterable<T>[], timeOf: (item: T) => number) {
    this.#timeOf = timeOf;
    this.#heap = new Heap((a, b) => {
      const [first, second] = [timeOf(a.item), timeOf(b.item)];
      return first < second || (first === second && a.rank < b.rank);
    });
    for (const [rank, source] of sources.entries()) this.#load(rank, source[Symbol.iterator]());
  }

  /** Those up to this time that were not taken yet. */
  *until(timeNs: number): Iterable<T> {
    for (let first = this.#heap.first; first !== undefined; first = this.#heap.first) {
      if (this.#timeOf(first.item) > timeNs) return;
      this.#heap.pop();
      this.#load(first.rank, first.rest);
      yield first.item;
    }
  }

  #load(rank: number, rest: Iterator<T>): void {
    const { value, done } = rest.next();
    if (done !== true) this.#heap.push({ item: value, rank, rest });
  }
}

export function mergedCalls(traces: readonly Placed[], pidOf: PidOf): MergedStream<CallInfo> {
  const seen = new Set<string>();
  const sources = traces.map((trace) => callsOf(trace, pidOf, seen));
  return new MergedStream(sources, ({ endNs }) => endNs);
}

/** @param seen calls that cross a border of a part: the part on the other side tells them too */
function* callsOf(placed: Placed, pidOf: PidOf, seen: Set<string>): Generator<CallInfo> {
  const { trace, offsetNs } = placed;
  const { window } = trace.facts;
  for (const calls of trace.callTables()) {
    for (const call of calls) {
      if (window !== undefined && (call.startNs < window.fromNs || call.endNs >= window.toNs)) {
        const key = `${recordingOf(placed)} ${JSON.stringify(call)}`;
        if (seen.has(key)) continue;
        seen.add(key);
      }
      yield {
        ...call,
        pid: pidOf(placed, call.pid),
        startNs: call.startNs + offsetNs,
        endNs: call.endNs + offsetNs,
      };
    }
  }
}

export function mergedSchedule(traces: readonly Placed[], pidOf: PidOf): MergedStream<ScheduleRow> {
  const sources = traces.map((trace) => scheduleOf(trace, pidOf, otherParts(trace, traces)));
  return new MergedStream(sources, ({ timeNs }) => timeNs);
}

function* scheduleOf(placed: Placed, pidOf: PidOf, others: readonly Placed[]): Generator<ScheduleRow> {
  const { trace, offsetNs } = placed;
  const fromNs = trace.facts.window?.fromNs ?? 0;
  for (const batch of trace.schedTables()) {
    for (let row = 0; row < batch.length; row++) {
      const ownNs = batch.timeNs[row]!;
      // What threads did at the border: the part before it tells that already.
      if (ownNs < fromNs && others.some((other) => covers(other, ownNs))) continue;
      batch.pid[row] = pidOf(placed, batch.pid[row]!);
      batch.timeNs[row] = ownNs + offsetNs;
      yield { timeNs: batch.timeNs[row]!, batch, row };
    }
  }
}

function otherParts(placed: Placed, traces: readonly Placed[]): Placed[] {
  return traces.filter((other) => other !== placed && recordingOf(other) === recordingOf(placed));
}

function covers({ trace }: Placed, timeNs: number): boolean {
  const { window } = trace.facts;
  return window === undefined || (timeNs >= window.fromNs && timeNs < window.toNs);
}

function recordingOf({ boot, trace }: Placed): string {
  return `${boot} ${trace.facts.start.monotonicNs}`;
}
