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
  /** Before its first event (unless created then) or after its last one. */
  unknown: 5,
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
  /** Wait reason, index into the trace's reasons; 0 is none. */
  reason: number;
  startNs: number;
  endNs: number;
  /** Thread, cpu and P (`NO_P` when not known) of a running span, taken at its start. */
  tid: number;
  cpu: number;
  p: number;
  /** Who ended the wait before this runnable span, or created the goroutine; 0 is none. */
  waker: number;
  wakeSource: number;
  /** For `unknown` spans: the kind that the nearest event names (its `from` before the first, its `to` after the last). */
  hint: SpanKind;
  /** True when events were lost somewhere within it. */
  crossesGap: boolean;
}
