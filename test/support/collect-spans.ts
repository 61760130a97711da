/** Spans as lines, for tests: what a trace looks like after replay, readable and comparable. */
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../src/model/span.js';
import type { GoroutineDirectory, ReplayCounts, SpanSink } from '../../src/model/span-sink.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { NO_P } from '../../src/model/transition-batch.js';
import { wakeSourceName } from '../../src/model/wake-source.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { replayTrace } from '../../src/replay/replay-trace.js';

/** What the sink was told, in order. */
export type Call =
  | { readonly what: 'begin' | 'end'; readonly goroutine: number; readonly timeNs: number }
  | ({ readonly what: 'span' } & Span);

export interface Collected {
  /** `GOID START..END KIND …`, `GOID born|known|dead TIME`, in the order of the calls. */
  readonly lines: string[];
  readonly spans: Span[];
  readonly calls: Call[];
  readonly counts: ReplayCounts;
  readonly goroutines: GoroutineDirectory;
}

export async function collectSpans(source: TraceSource): Promise<Collected> {
  const goroutines = new GoroutineTable();
  const lines: string[] = [];
  const spans: Span[] = [];
  const calls: Call[] = [];
  const goid = (goroutine: number) => goroutines.goidOf(goroutine);
  const sink: SpanSink = {
    begin(goroutine, timeNs, created) {
      calls.push({ what: 'begin', goroutine, timeNs });
      lines.push(`${goid(goroutine)} ${created ? 'born' : 'known'} ${timeNs}`);
    },
    span(span) {
      calls.push({ what: 'span', ...span });
      spans.push({ ...span });
      lines.push(`${goid(span.goroutine)} ${spanText(span, source.reasons)}`);
    },
    systemStack: (span) =>
      lines.push(`${goid(span.goroutine)} system-stack ${span.startNs}..${span.endNs} ${source.reasons[span.reason]}`),
    end(goroutine, timeNs) {
      calls.push({ what: 'end', goroutine, timeNs });
      lines.push(`${goid(goroutine)} dead ${timeNs}`);
    },
  };
  const counts = await replayTrace(source, goroutines, sink);
  return { lines, spans, calls, counts, goroutines };
}

function spanText(span: Span, reasons: readonly string[]): string {
  const words = [`${span.startNs}..${span.endNs}`, SPAN_KIND_NAMES[span.kind] ?? `kind ${span.kind}`];
  if (span.reason !== 0) words.push(`(${reasons[span.reason]})`);
  if (span.kind === SpanKind.running && span.p !== NO_P) words.push(`p=${span.p}`);
  if (span.kind === SpanKind.running && span.tid !== 0) words.push(`tid=${span.tid}`);
  if (span.kind === SpanKind.runnable && span.waker !== 0) words.push(`waker=${span.waker}`);
  if (span.kind === SpanKind.runnable && span.wakeSource !== 0) words.push(`by=${wakeSourceName(span.wakeSource)}`);
  if (span.kind === SpanKind.unknown) words.push(`hint=${SPAN_KIND_NAMES[span.hint]}`);
  if (span.crossesGap) words.push('gap');
  return words.join(' ');
}
