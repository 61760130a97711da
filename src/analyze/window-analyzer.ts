/**
 * The analysis of a stretch of a trace. What a figure means at its borders:
 *
 * - Times are those within the window.
 * - Changes, creations and exits are those within it; a goroutine that lived before it begins with it.
 * - Of what has a length (scheduling latencies, waits), those are counted that end in the window, with all their length:
 *   windows side by side count each once. The longest wait is one that touches the window, up to the window's end.
 * - Of a span that crosses a gap, the part within the window counts.
 *
 * So times and counts of `[a, b)` and `[b, c)` add up to those of `[a, c)`.
 */
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { TraceWindow } from '../model/trace-window.js';
import { Analyzer } from './analyzer.js';
import { SYSTEM_STACK } from './goroutine-times.js';
import { LONG_NS } from './long-events.js';
import type { ReasonTally } from './reason-tally.js';

export class WindowAnalyzer extends Analyzer {
  readonly #window: TraceWindow;
  #lived = new Uint8Array(1024);

  constructor(goroutines: GoroutineDirectory, window: TraceWindow) {
    super(goroutines, window.fromNs);
    this.#window = window;
  }

  override counts(goroutine: number): boolean {
    return this.#lived[goroutine] === 1;
  }

  override begin(goroutine: number, timeNs: number, created: boolean): void {
    const { fromNs, toNs } = this.#window;
    if (timeNs >= toNs) return;
    this.#markLived(goroutine);
    super.begin(goroutine, Math.max(timeNs, fromNs), created && timeNs >= fromNs);
  }

  override end(goroutine: number, timeNs: number): void {
    if (timeNs < this.#window.toNs) super.end(goroutine, timeNs);
  }

  override span(span: Span): void {
    const { kind } = span;
    const partNs = this.#partOf(span);
    const ends = this.#ends(span);
    if (partNs === 0 && !ends) return;
    this.times.add(span.goroutine, kind, partNs);
    if (kind === SpanKind.waiting) this.#addTo(this.blocked, span, partNs);
    else if (kind === SpanKind.runnable && ends) this.addLatency(span);
    else if (kind === SpanKind.unknown) this.addUnknown(span, partNs);
    else if (kind === SpanKind.running && ends && span.endNs - span.startNs >= LONG_NS) this.long.add(span);
    if (span.crossesGap) this.addAcrossGap(kind, partNs);
  }

  override systemStack(span: Span): void {
    const partNs = this.#partOf(span);
    if (partNs === 0 && !this.#ends(span)) return;
    this.times.add(span.goroutine, SYSTEM_STACK, partNs);
    this.#addTo(this.systemStacks, span, partNs);
  }

  #addTo(tally: ReasonTally, span: Span, partNs: number): void {
    const soFarNs = Math.min(span.endNs, this.#window.toNs) - span.startNs;
    tally.addPart(span, this.#ends(span) ? 1 : 0, partNs, soFarNs);
  }

  #partOf({ startNs, endNs }: Span): number {
    const { fromNs, toNs } = this.#window;
    return Math.max(0, Math.min(endNs, toNs) - Math.max(startNs, fromNs));
  }

  #ends({ endNs }: Span): boolean {
    return endNs >= this.#window.fromNs && endNs < this.#window.toNs;
  }

  #markLived(goroutine: number): void {
    if (goroutine >= this.#lived.length) {
      const lived = new Uint8Array(Math.max(goroutine + 1, this.#lived.length * 2));
      lived.set(this.#lived);
      this.#lived = lived;
    }
    this.#lived[goroutine] = 1;
  }
}
