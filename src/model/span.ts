/** What a goroutine did between two of its transitions. */
export const SpanKind = {
  /** Executing, on a P (copystack and system-stack "waiting" included). */
  running: 0,
  /** Ready, without a P: Go's "sched wait". */
  runnable: 1,
  /** Blocked, for a reason. */
  waiting: 2,
  /** In a system call. */
  syscall: 3,
  /** Between two events that do not fit together: a change was missed. */
  unseen: 4,
  /** Before its first event (unless created then), after its last one, or in a state that no known Go release defines. */
  unknown: 5,
  /**
   * Stopped by the garbage collector (or a profile) so that its stack can be scanned. Go's own tracer writes it as a
   * block with reason `preempted` (`preemptPark`), so it is a kind of its own: the program neither blocked nor was woken.
   */
  preempted: 6,
} as const;
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

export const SPAN_KIND_NAMES = Object.keys(SpanKind) as readonly (keyof typeof SpanKind)[];

/**
 * One span, `[startNs, endNs)` in ns since the start of the trace. Replay hands the *same* object to its sink again and
 * again (no allocation per event): copy what must outlive the call.
 */
export interface Span {
  /** Dense index of the goroutine in replay's table, stable for the whole trace. */
  goroutine: number;
  kind: SpanKind;
  /** Wait reason of a waiting span, index into the trace's reasons; 0 is none. */
  reason: number;
  startNs: number;
  endNs: number;
  /** Thread and cpu of the change that began it: where a running goroutine runs, where a syscall was made. */
  tid: number;
  cpu: number;
  /** P of a running span (`NO_P` when not known), taken at its start. Of other spans it means nothing. */
  p: number;
  /** Who ended the wait before this runnable span, or created the goroutine; 0 is none. */
  waker: number;
  wakeSource: number;
  /** Stack of the goroutine at the change that began it (`NO_STACK` when none was recorded). */
  stack: number;
  /** For `unknown` spans: the kind that the nearest event names (its `from` before the first, its `to` after the last). */
  hint: SpanKind;
  /** True when events were lost somewhere within it. */
  crossesGap: boolean;
}
