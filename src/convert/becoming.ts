/** What a goroutine becomes when a span begins, as its span or replay's state of it tells. */
import { GoState } from '../model/go-state.js';
import type { GoroutineState } from '../model/goroutine-state.js';
import { type Span, SpanKind } from '../model/span.js';
import { isExecutingReason, PREEMPTED_REASON } from '../model/wait-reason.js';

/** In place of a kind of span: the goroutine has exited. */
export const ENDED = -1;

export interface Becoming {
  /** A `SpanKind`, or {@link ENDED}. */
  readonly kind: number;
  /** Index into the trace's reasons. */
  readonly reason: number;
  readonly tid: number;
  readonly stack: number;
  readonly waker: number;
}

export const EXIT: Becoming = { kind: ENDED, reason: 0, tid: 0, stack: 0, waker: 0 };

/** Unknown time counts as the state that the nearest event names. */
export function shownKind({ kind, hint }: Span): SpanKind {
  return kind === SpanKind.unknown ? hint : kind;
}

export function becomingOf(span: Span): Becoming {
  const { reason, tid, stack, waker } = span;
  return { kind: shownKind(span), reason, tid, stack, waker };
}

/** The same of a span that has not ended, as replay will hand it over later. */
export function becomingOfState(state: GoroutineState, reasons: readonly string[]): Becoming {
  const { reason, tid, stack, waker } = state;
  return { kind: kindOfState(state, reasons), reason, tid, stack, waker };
}

function kindOfState({ state, cameFrom, lastReason }: GoroutineState, reasons: readonly string[]): SpanKind {
  switch (state) {
    case GoState.running:
    case GoState.copystack:
      return SpanKind.running;
    case GoState.runnable:
      return SpanKind.runnable;
    case GoState.syscall:
      return SpanKind.syscall;
    case GoState.preempted:
      return SpanKind.preempted;
    case GoState.leaked:
      return SpanKind.waiting;
    case GoState.waiting: {
      const why = reasons[lastReason] ?? '';
      if (cameFrom === GoState.preempted || why === PREEMPTED_REASON) return SpanKind.preempted;
      return isExecutingReason(why) ? SpanKind.running : SpanKind.waiting;
    }
    default:
      return SpanKind.unknown;
  }
}
