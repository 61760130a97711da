/** What replay hands on, and to whom: the contract between `replay/` and everything behind it (`analyze/`, `convert/`). */
import type { Span } from './span.js';
import type { GoroutineInfo } from './trace-facts.js';

/**
 * Receives a trace as spans. Calls come in order of the time at which a thing is known: a span is handed over when it
 * ends, so across goroutines `endNs` never decreases while `startNs` does. Per goroutine the spans between `begin` and
 * `end` (or the end of the trace) tile its life without overlap. Exceptions are in {@link systemStack}.
 */
export interface SpanSink {
  /**
   * True for a sink that reads of a span only goroutine, kind, hint, reason, times and crossesGap: the rest is then not
   * filled in, which saves a tenth of the time. Must not change.
   */
  readonly timesOnly?: boolean;
  /**
   * A goroutine's life begins: at its creation (`created`), or where the trace first knows of it. Once per goroutine,
   * except for those of C threads that enter and leave Go again and again: `begin` and `end` alternate.
   */
  begin(goroutine: number, timeNs: number, created: boolean): void;
  /**
   * Optional, and not called for a sink of {@link timesOnly}: the goroutine does something else, since `startNs`, as an
   * event at `endNs` tells; both are the same but for a span that proves to be of another kind than it was told, and for
   * what goroutines do when a cut trace begins. Comes after the span that ended there, in order of `endNs`. It is what
   * the event alone tells: the span may turn out to be unseen time. The object is reused.
   */
  opened?(span: Span): void;
  /** A span has ended. The object is reused. Spans of unseen or unknown time have a length; others may last 0 ns. */
  span(span: Span): void;
  /**
   * A stretch of executing runtime code on the system stack, which the runtime calls `waiting` (see wait-reason.ts), with
   * its reason. It lies inside a running span that is handed over later, so its time must not be added to that one's.
   */
  systemStack(span: Span): void;
  /** The goroutine exited. Not called for those that live when the trace ends. */
  end(goroutine: number, timeNs: number): void;
}

/** Who the goroutines are that spans name by a dense index. Grows while the trace is replayed. */
export interface GoroutineDirectory {
  /** Indexes `0 … size - 1` are taken. */
  readonly size: number;
  pidOf(goroutine: number): number;
  goidOf(goroutine: number): number;
  /** What the trace says about it; undefined when it says nothing (yet). */
  infoOf(goroutine: number): GoroutineInfo | undefined;
}

/** What replay counted on the way. Pairs of states are indexed by `(first << 8) | second`. */
export interface ReplayCounts {
  /** Rows read, the ones below included. */
  readonly transitions: number;
  /** Rows whose goroutine id was never learned: counted in `pairs`, but no goroutine's spans. */
  readonly anonymous: number;
  /** Rows that lay before their predecessor in time: replayed as if they had happened at the same moment. */
  readonly backwards: number;
  /** How often each change of state `from → to` was recorded. */
  readonly pairs: Float64Array;
  /** Unseen changes: how often an event's `to` was followed by an event of the same goroutine with another `from`. */
  readonly unseenPairs: Float64Array;
  /**
   * Rows by what they were to spans: `transitions = anonymous + rows.ending + rows.first + rows.within`. `ending`: a span
   * ended with it. `first`: of a goroutine's life, or after something that was missed. `within`: the span at hand went on,
   * as when a stack grows.
   */
  readonly rows: { readonly ending: number; readonly first: number; readonly within: number };
  /** Returns from a system call without a P, recorded as running→runnable (Go 1.26+) and replayed as runnable. */
  readonly syscallExitsWithoutP: number;
}
