/**
 * Which stretch of a trace tells most: the one in which most of the worst scheduling waits and longest blocks end. The end
 * counts, because it is where somebody ran, or was woken, at last.
 */
import { type Span, SpanKind } from '../model/span.js';
import type { SpanSink } from '../model/span-sink.js';
import type { TraceWindow } from '../model/trace-window.js';
import type { TransitionBatch } from '../model/transition-batch.js';
import { TopList } from './top-list.js';

/** How many of each kind count. */
export const WORST = 100;
const SLICES = 2048;

/** Nobody waits for these goroutines, and those that sleep asked for it. */
const IDLE_REASONS: ReadonlySet<string> = new Set([
  'sleep',
  'select (no cases)',
  'GC worker (idle)',
  'GC sweep wait',
  'GC scavenge wait',
  'force gc (idle)',
  'finalizer wait',
  'cleanup wait',
  'timer goroutine (idle)',
  'trace reader (blocked)',
]);

interface Wait {
  readonly endNs: number;
  readonly ns: number;
}

/** Rows and score of each slice of a trace. */
export class InterestMeter implements SpanSink {
  readonly #durationNs: number;
  readonly #rows = new Float64Array(SLICES);
  readonly #schedWaits = new TopList<Wait>(WORST);
  readonly #blocks = new TopList<Wait>(WORST);
  readonly #reasons: readonly string[];

  /** @param reasons of the trace; they may grow */
  constructor(durationNs: number, reasons: readonly string[]) {
    this.#durationNs = Math.max(1, durationNs);
    this.#reasons = reasons;
  }

  count({ timeNs, length }: TransitionBatch): void {
    for (let i = 0; i < length; i++) this.#rows[this.#sliceOf(timeNs[i]!)]!++;
  }

  span({ kind, startNs, endNs, reason }: Span): void {
    const ns = endNs - startNs;
    if (kind === SpanKind.runnable) this.#schedWaits.offer({ endNs, ns }, ns);
    else if (kind === SpanKind.waiting && !IDLE_REASONS.has(this.#reasons[reason] ?? ''))
      this.#blocks.offer({ endNs, ns }, ns);
  }

  /** Of at most `rows` rows; undefined when even the smallest slice has more, or nothing happened. */
  bestWindow(rows: number): TraceWindow | undefined {
    const scores = this.#scores();
    let best: { from: number; to: number; score: number; rows: number } | undefined;
    let [from, held, score] = [0, 0, 0];
    for (let to = 1; to <= SLICES; to++) {
      held += this.#rows[to - 1]!;
      score += scores[to - 1]!;
      while (held > rows && from < to) {
        held -= this.#rows[from]!;
        score -= scores[from++]!;
      }
      // Equal scores differ by rounding only: then the one that shows more.
      const isBetter =
        best === undefined || score > best.score + 1e-9 || (score > best.score - 1e-9 && held >= best.rows);
      if (from < to && isBetter) best = { from, to, score, rows: held };
    }
    return best === undefined || best.rows === 0 ? undefined : this.#windowOf(best.from, best.to);
  }

  /** Grows from the slice of a moment to both sides, as long as it has at most `rows` rows. */
  windowAround(timeNs: number, rows: number): TraceWindow | undefined {
    let from = this.#sliceOf(timeNs);
    let to = from + 1;
    let held = this.#rows[from]!;
    if (held > rows) return undefined;
    for (let grew = true; grew; ) {
      grew = false;
      if (from > 0 && held + this.#rows[from - 1]! <= rows) {
        held += this.#rows[--from]!;
        grew = true;
      }
      if (to < SLICES && held + this.#rows[to]! <= rows) {
        held += this.#rows[to++]!;
        grew = true;
      }
    }
    return this.#windowOf(from, to);
  }

  /** How many of the worst waits and blocks end inside. */
  countInside({ fromNs, toNs }: TraceWindow): { readonly inside: number; readonly all: number } {
    const waits = [...this.#schedWaits.items(), ...this.#blocks.items()];
    return { inside: waits.filter(({ endNs }) => endNs >= fromNs && endNs < toNs).length, all: waits.length };
  }

  begin(): void {}
  end(): void {}
  systemStack(): void {}

  /** The longest of each kind counts 1, others by their length. */
  #scores(): Float64Array {
    const scores = new Float64Array(SLICES);
    for (const list of [this.#schedWaits, this.#blocks]) {
      const waits = list.items();
      const longest = waits[0]?.ns || 1;
      for (const { endNs, ns } of waits) scores[this.#sliceOf(endNs)]! += ns / longest;
    }
    return scores;
  }

  #sliceOf(timeNs: number): number {
    return Math.max(0, Math.min(SLICES - 1, Math.floor((timeNs / this.#durationNs) * SLICES)));
  }

  #windowOf(from: number, to: number): TraceWindow {
    const edge = (slice: number) => Math.floor((slice / SLICES) * this.#durationNs);
    return { fromNs: edge(from), toNs: to === SLICES ? Number.POSITIVE_INFINITY : edge(to) };
  }
}
