/** Spans of a trace that was cut reach beyond its borders, as far as is known; here they end there. */
import type { Span } from '../../model/span.js';
import type { SpanSink } from '../../model/span-sink.js';
import type { TraceWindow } from '../../model/trace-window.js';

/** The sink for the spans of a trace: the given one, or one that clips them to the trace's window. */
export function clippedTo(window: TraceWindow | undefined, sink: SpanSink): SpanSink {
  return window === undefined ? sink : new ClippedSink(window, sink);
}

class ClippedSink implements SpanSink {
  readonly timesOnly: boolean;
  readonly #window: TraceWindow;
  readonly #sink: SpanSink;

  constructor(window: TraceWindow, sink: SpanSink) {
    this.timesOnly = sink.timesOnly === true;
    this.#window = window;
    this.#sink = sink;
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    const { fromNs, toNs } = this.#window;
    if (timeNs < toNs) this.#sink.begin(goroutine, Math.max(timeNs, fromNs), created && timeNs >= fromNs);
  }

  end(goroutine: number, timeNs: number): void {
    if (timeNs < this.#window.toNs) this.#sink.end(goroutine, timeNs);
  }

  span(span: Span): void {
    if (this.#clip(span)) this.#sink.span(span);
  }

  systemStack(span: Span): void {
    if (this.#clip(span)) this.#sink.systemStack(span);
  }

  /** False when nothing is left. The object is its producer's, who fills it anew for each span. */
  #clip(span: Span): boolean {
    const { fromNs, toNs } = this.#window;
    if (span.startNs >= toNs || span.endNs < fromNs) return false;
    if (span.startNs < fromNs) span.startNs = fromNs;
    if (span.endNs > toNs) span.endNs = toNs;
    return true;
  }
}
