/** What gotape says of a run, as spans in the words of Go's tracer. */
import { type Span, SpanKind } from '../../src/model/span.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { replayTrace } from '../../src/replay/replay-trace.js';
import { openTrace } from '../../src/trace/open-trace.js';
import type { SpanList, SpansByGoid } from './span-list.js';

/**
 * Wait reasons (`waitReasonStrings`, runtime2.go) → what the same call of gopark tells the tracer
 * (`traceBlockReasonStrings`, trace.go and traceruntime.go). Those that are not here have the same text in both.
 */
const TRACE_WORDS: ReadonlyMap<string, string> = new Map([
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
  ['GOMAXPROCS updater (idle)', 'GOMAXPROCS updater (idle)'],
  ['wait for GC cycle', 'wait until GC ends'],
  ['GC weak to strong wait', 'GC weak to strong wait'],
]);

const STATE_BY_KIND: Readonly<Partial<Record<SpanKind, string>>> = {
  [SpanKind.running]: 'execution',
  [SpanKind.runnable]: 'sched wait',
  [SpanKind.syscall]: 'syscall',
  [SpanKind.preempted]: 'block: preempted',
};

export async function readTapeSpans(file: string): Promise<{ spans: SpansByGoid; startNs: string }> {
  using trace = await openTrace(file);
  const goroutines = new GoroutineTable();
  const byGoid = new Map<number, SpanList>();
  const span = (span: Span) => {
    const { startNs, endNs } = span;
    const reason = trace.reasons[span.reason] ?? '';
    const state = STATE_BY_KIND[span.kind] ?? `block: ${TRACE_WORDS.get(reason) ?? reason}`;
    if (span.kind === SpanKind.unknown || span.kind === SpanKind.unseen) return;
    const goid = goroutines.goidOf(span.goroutine);
    const list = byGoid.get(goid);
    if (list === undefined) byGoid.set(goid, [{ startNs, endNs, state }]);
    else list.push({ startNs, endNs, state });
  };
  await replayTrace(trace, goroutines, { begin() {}, span, systemStack() {}, end() {} });
  return { spans: byGoid, startNs: trace.facts.start.monotonicNs };
}
