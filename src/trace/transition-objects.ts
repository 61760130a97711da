/** Transitions as objects: easy to use, and fifty times slower than the columns of `segments()`. */
import { goStateName } from '../model/go-state.js';
import type { TraceSource } from '../model/trace-segment.js';
import { NO_P } from '../model/transition-batch.js';
import { wakeSourceName } from '../model/wake-source.js';

export interface Transition {
  /** Since the start of the trace. */
  readonly timeNs: number;
  readonly pid: number;
  /** 0: the goroutine's id was never learned. */
  readonly goid: number;
  /** Names as in the Go runtime: `running`, `waiting`, … */
  readonly from: string;
  readonly to: string;
  /** Why it waits, on changes to `waiting`; else empty. */
  readonly reason: string;
  /** Goroutine that woke or created it; 0 is none. */
  readonly waker: number;
  readonly wakeSource: string;
  readonly tid: number;
  readonly cpu: number;
  /** Undefined where the trace knows of none. */
  readonly p: number | undefined;
}

/** Every transition of a trace, in order of time. */
export async function* transitionsOf(trace: TraceSource): AsyncGenerator<Transition, void, undefined> {
  for await (const { transitions: rows } of trace.segments()) {
    for (let i = 0; i < rows.length; i++) {
      yield {
        timeNs: rows.timeNs[i]!,
        pid: rows.pid[i]!,
        goid: rows.goid[i]!,
        from: goStateName(rows.from[i]!),
        to: goStateName(rows.to[i]!),
        reason: trace.reasons[rows.reason[i]!] ?? '',
        waker: rows.waker[i]!,
        wakeSource: wakeSourceName(rows.wakeSource[i]!),
        tid: rows.tid[i]!,
        cpu: rows.cpu[i]!,
        p: rows.p[i] === NO_P ? undefined : rows.p[i],
      };
    }
  }
}
