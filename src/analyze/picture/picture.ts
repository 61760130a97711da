/** What a picture of a trace needs besides its analysis: plain data, of bounded size whatever the trace. */
import type { StackFrame } from '../sections.js';

export interface Picture {
  /** The goroutines that lived longest in known states, at most {@link ROWS_MAX}. */
  readonly goroutines: readonly GoroutineRow[];
  readonly goroutinesOmitted: number;
  readonly timeline: Timeline;
  readonly executionStacks: ExecutionStacks;
}

export const ROWS_MAX = 2000;

export interface GoroutineRow {
  readonly pid: number;
  readonly goid: number;
  readonly startFunction: string;
  readonly createdBy: string;
  /** `key=value` pairs. */
  readonly labels: string;
  readonly lifetimeNs: number;
  readonly executionNs: number;
  readonly schedWaitNs: number;
  readonly blockNs: number;
  readonly syscallNs: number;
  readonly preemptedNs: number;
  /** Unseen and unknown. */
  readonly otherNs: number;
  readonly maxSchedWaitNs: number;
  readonly maxBlockNs: number;
}

/** Rows of goroutines that were chosen, each drawn exactly when it has few spans, else in cells of time. */
export interface Timeline {
  readonly startNs: number;
  readonly endNs: number;
  readonly cellNs: number;
  readonly rows: readonly TimelineRow[];
}

export interface TimelineRow {
  readonly pid: number;
  readonly goid: number;
  readonly startFunction: string;
  /** False: each piece is a run of cells, named by the state that took most of each. */
  readonly exact: boolean;
  /** `[startNs, endNs, kind, reason]`, kind a `SpanKind`, reason an index into the texts below or -1; in order of time. */
  readonly pieces: readonly (readonly [startNs: number, endNs: number, kind: number, reason: number])[];
  readonly reasons: readonly string[];
}

/**
 * Execution time by the stack at which it ended: where the goroutine blocked or entered a system call next. gotape takes
 * no samples while goroutines run, so this is what it knows of where they were.
 */
export interface ExecutionStacks {
  /** Each once: stacks share most of theirs, and would fill the page. */
  readonly frames: readonly StackFrame[];
  /** Of each stack the indexes into `frames`, the innermost first. */
  readonly list: readonly { readonly frames: readonly number[]; readonly ns: number; readonly count: number }[];
  readonly omittedNs: number;
  /** Execution that ended without a recorded stack, by start function. */
  readonly withoutStack: readonly { readonly startFunction: string; readonly ns: number }[];
}
