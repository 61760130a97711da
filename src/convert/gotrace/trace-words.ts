/**
 * Why a goroutine blocks, in the words of Go's tracer: viewers choose by them what they count as network or as
 * synchronization. Wait reasons (`waitReasonStrings`, runtime2.go) → what the same call of gopark tells the tracer
 * (`traceBlockReasonStrings`, traceruntime.go). Those that are not here have the same text in both.
 */
import { SpanKind } from '../../model/span.js';
import { PREEMPTED_REASON } from '../../model/wait-reason.js';
import type { Becoming } from '../becoming.js';

const TRACE_WORDS: ReadonlyMap<string, string> = new Map([
  ['', 'unspecified'],
  ['IO wait', 'network'],
  ['semacquire', 'sync'],
  ['sync.Mutex.Lock', 'sync'],
  ['sync.RWMutex.RLock', 'sync'],
  ['sync.RWMutex.Lock', 'sync'],
  ['sync.WaitGroup.Wait', 'sync'],
  ['sync.Cond.Wait', 'sync.(*Cond).Wait'],
  ['GC assist wait', 'GC mark assist wait for work'],
  ['GC sweep wait', 'GC background sweeper wait'],
  ['GC worker (idle)', 'system goroutine wait'],
  ['GC scavenge wait', 'system goroutine wait'],
  ['force gc (idle)', 'system goroutine wait'],
  ['finalizer wait', 'system goroutine wait'],
  ['cleanup wait', 'system goroutine wait'],
  ['trace reader (blocked)', 'system goroutine wait'],
  ['wait for GC cycle', 'wait until GC ends'],
  ['debug call', 'wait for debug call'],
  ['select (no cases)', 'forever'],
  ['chan receive (nil chan)', 'forever'],
  ['chan send (nil chan)', 'forever'],
  ['panicwait', 'forever'],
]);

/** The same text in both. */
export const COROUTINE = 'coroutine';

/** Ours, for what Go's format has no state for. */
export const UNSEEN = 'not seen by gotape: events are missing';
export const UNKNOWN = 'in a state unknown to gotape';
/** Of a change running→runnable: the runtime's events tell which, its states do not. */
export const STOPPED = 'preempted or yielded';

export function blockReason({ kind, reason }: Becoming, reasons: readonly string[]): string {
  if (kind === SpanKind.preempted) return PREEMPTED_REASON;
  if (kind === SpanKind.unseen) return UNSEEN;
  if (kind !== SpanKind.waiting) return UNKNOWN;
  const why = reasons[reason] ?? '';
  return TRACE_WORDS.get(why) ?? why;
}
