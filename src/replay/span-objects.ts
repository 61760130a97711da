/** Spans as objects of their own: what a goroutine did between two of its transitions. */
import { SPAN_KIND_NAMES, type Span, type SpanKind } from '../model/span.js';
import type { SpanSink } from '../model/span-sink.js';
import type { TraceSource } from '../model/trace-segment.js';
import { NO_P } from '../model/transition-batch.js';
import { wakeSourceName } from '../model/wake-source.js';
import { GoroutineTable } from './goroutine-table.js';
import { Replay } from './replay.js';

export type SpanKindName = keyof typeof SpanKind;

export interface GoroutineSpan {
  readonly pid: number;
  readonly goid: number;
  /** Function that the goroutine runs, `main.worker`; empty when the trace does not tell. */
  readonly startFunction: string;
  readonly kind: SpanKindName;
  /** Since the start of the trace. */
  readonly startNs: number;
  readonly endNs: number;
  /** Of a waiting span; else empty. */
  readonly reason: string;
  /** Of a runnable span: who made it runnable; 0 is none. */
  readonly waker: number;
  readonly wakeSource: string;
  readonly tid: number;
  readonly cpu: number;
  /** Of a running span, where it is known. */
  readonly p: number | undefined;
  /** Events were lost somewhere within it. */
  readonly crossesGap: boolean;
}

/** Every span of a trace, in the order in which they end; those that the end of the trace cuts off come last. */
export async function* spansOf(trace: TraceSource): AsyncGenerator<GoroutineSpan, void, undefined> {
  const goroutines = new GoroutineTable();
  const ended: GoroutineSpan[] = [];
  const sink: SpanSink = {
    begin() {},
    end() {},
    systemStack() {},
    span: (span) => void ended.push(toObject(span, goroutines, trace.reasons)),
  };
  const replay = new Replay(trace.reasons, goroutines, sink);
  for await (const segment of trace.segments()) {
    replay.segment(segment);
    yield* ended.splice(0);
  }
  replay.finish(trace.endNs);
  yield* ended;
}

function toObject(span: Span, goroutines: GoroutineTable, reasons: readonly string[]): GoroutineSpan {
  const { goroutine, startNs, endNs, waker, tid, cpu, crossesGap } = span;
  return {
    pid: goroutines.pidOf(goroutine),
    goid: goroutines.goidOf(goroutine),
    startFunction: goroutines.infoOf(goroutine)?.startFunction ?? '',
    kind: SPAN_KIND_NAMES[span.kind] ?? 'unknown',
    startNs,
    endNs,
    reason: reasons[span.reason] ?? '',
    waker,
    wakeSource: wakeSourceName(span.wakeSource),
    tid,
    cpu,
    p: span.p === NO_P ? undefined : span.p,
    crossesGap,
  };
}
