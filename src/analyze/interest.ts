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
/** At most; of equally many rows: a burst is cut as finely as an idle hour is coarsely. */
const MAXIMUM_SLICES = 4096;

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

const byEnd = (a: Wait, b: Wait) => a.endNs - b.endNs;

/** Rows and score of each slice of a trace. */
export class InterestMeter implements SpanSink {
  #rowsPerSlice = 1;
  readonly #schedWaits = new TopList<Wait>(WORST, byEnd);
  readonly #blocks = new TopList<Wait>(WORST, byEnd);
  readonly #reasons: readonly string[];
  /** Time of each slice's first row. */
  #starts: number[] = [];
  #rows = 0;

  /** @param reasons of the trace; they may grow */
  constructor(reasons: readonly string[]) {
    this.#reasons = reasons;
  }

  count({ timeNs, length }: TransitionBatch): void {
    for (let i = 0; i < length; i++) {
      if (this.#rows++ % this.#rowsPerSlice !== 0) continue;
      if (this.#starts.length === MAXIMUM_SLICES) this.#joinSlices();
      if ((this.#rows - 1) % this.#rowsPerSlice === 0) this.#starts.push(timeNs[i]!);
    }
  }

  span({ kind, startNs, endNs, reason }: Span): void {
    const ns = endNs - startNs;
    if (kind === SpanKind.runnable) this.#schedWaits.offer({ endNs, ns }, ns);
    else if (kind === SpanKind.waiting && !IDLE_REASONS.has(this.#reasons[reason] ?? ''))
      this.#blocks.offer({ endNs, ns }, ns);
  }

  /** Of at most `rows` rows; undefined when a slice has more, or nothing happened. */
  bestWindow(rows: number): TraceWindow | undefined {
    const scores = this.#scores();
    const slices = this.#slicesIn(rows);
    if (slices === 0) return undefined;
    let score = 0;
    let best = { from: 0, score: -1 };
    for (let to = 1; to <= scores.length; to++) {
      score += scores[to - 1]! - (scores[to - 1 - slices] ?? 0);
      // Differences of rounding are none.
      if (score > best.score + 1e-9) best = { from: Math.max(0, to - slices), score };
    }
    return this.#windowOf(best.from, best.from + slices);
  }

  /** As many rows before a moment as behind it, where there are so many; undefined as above. */
  windowAround(timeNs: number, rows: number): TraceWindow | undefined {
    const slices = this.#slicesIn(rows);
    if (slices === 0) return undefined;
    const first = this.#sliceOf(timeNs) - Math.floor((slices - 1) / 2);
    const from = Math.max(0, Math.min(first, this.#starts.length - slices));
    return this.#windowOf(from, from + slices);
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
    const scores = new Float64Array(this.#starts.length);
    for (const list of [this.#schedWaits, this.#blocks]) {
      const waits = list.items();
      const longest = waits[0]?.ns || 1;
      for (const { endNs, ns } of waits) scores[this.#sliceOf(endNs)]! += ns / longest;
    }
    return scores;
  }

  /** Two by two: how many rows a trace has is not known before its end. */
  #joinSlices(): void {
    this.#starts = this.#starts.filter((_, i) => i % 2 === 0);
    this.#rowsPerSlice *= 2;
  }

  /** The slice that was last to begin. */
  #sliceOf(timeNs: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= timeNs) low = middle;
      else high = middle;
    }
    return low;
  }

  /** How many whole slices have at most so many rows. */
  #slicesIn(rows: number): number {
    if (rows >= this.#rows) return this.#starts.length;
    return Math.floor(rows / this.#rowsPerSlice);
  }

  /** What lies before the first row, and behind the last, costs nothing. */
  #windowOf(from: number, to: number): TraceWindow {
    const isLast = to >= this.#starts.length;
    return {
      fromNs: from === 0 ? 0 : this.#starts[from]!,
      toNs: isLast ? Number.POSITIVE_INFINITY : this.#starts[to]!,
    };
  }
}
