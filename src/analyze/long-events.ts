/** Long waits for a CPU and long runs: few in number, and what the diagnosis is about. */
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import { LongestSpans, type LongSpan } from './extremes.js';

/** Whatever is shorter is not looked at. */
export const LONG_NS = 10e6;
const KEPT = 256;

export class LongEvents {
  readonly #waits: LongestSpans;
  readonly #runs: LongestSpans;
  waitCount = 0;
  waitNs = 0;
  runCount = 0;
  runNs = 0;

  constructor(goroutines: GoroutineDirectory) {
    this.#waits = new LongestSpans(KEPT, goroutines);
    this.#runs = new LongestSpans(KEPT, goroutines);
  }

  /** Of a span of {@link LONG_NS} or more. */
  add(span: Span): void {
    const ns = span.endNs - span.startNs;
    if (span.kind === SpanKind.runnable) {
      this.waitCount++;
      this.waitNs += ns;
      this.#waits.add(span);
    } else if (span.kind === SpanKind.running) {
      this.runCount++;
      this.runNs += ns;
      this.#runs.add(span);
    }
  }

  /** The longest first, 256 at most. */
  waits(): LongSpan[] {
    return this.#waits.items();
  }

  runs(): LongSpan[] {
    return this.#runs.items();
  }
}
