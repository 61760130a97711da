/**
 * How many goroutines were in each state, sampled in constant memory while spans arrive in order of their end.
 *
 * 1. Time is cut into steps of equal length; a span adds one at the first step not before its start and takes it away at
 *    the first step not before its end.
 * 2. When a span ends behind the last step, steps become twice as long and pairs of them are merged.
 * 3. At the end running sums give the counts: exact at every step, silent about what happens between two.
 */
import { SPAN_KIND_NAMES, type SpanKind } from '../model/span.js';

const KINDS = SPAN_KIND_NAMES.length;
const FIRST_STEP_NS = 1000;

export class StateCounts {
  readonly #steps: number;
  readonly #changes: Int32Array;
  #stepNs = FIRST_STEP_NS;

  /** A recording is sampled at `steps / 2` to `steps` points, or every microsecond if that is fewer. */
  constructor(steps = 1 << 14) {
    this.#steps = steps;
    this.#changes = new Int32Array(steps * KINDS);
  }

  add(kind: SpanKind, startNs: number, endNs: number): void {
    while (endNs > (this.#steps - 1) * this.#stepNs) this.#halve();
    const from = Math.ceil(startNs / this.#stepNs);
    const to = Math.ceil(endNs / this.#stepNs);
    if (from === to) return;
    this.#changes[from * KINDS + kind]! += 1;
    this.#changes[to * KINDS + kind]! -= 1;
  }

  /** Kinds that were seen at some step. */
  kinds(): SpanKind[] {
    const seen = new Set<SpanKind>();
    this.#changes.forEach((change, i) => {
      if (change !== 0) seen.add((i % KINDS) as SpanKind);
    });
    return [...seen].sort((a, b) => a - b);
  }

  /**
   * Calls back for the first step in `[fromNs, endNs)` and every one there at which some count differs from the one before.
   * `counts` is reused.
   */
  forEachChange(fromNs: number, endNs: number, visit: (timeNs: number, counts: Int32Array) => void): void {
    const counts = new Int32Array(KINDS);
    let isFirst = true;
    for (let step = 0; step < this.#steps && step * this.#stepNs < endNs; step++) {
      let changed = isFirst;
      for (let kind = 0; kind < KINDS; kind++) {
        const change = this.#changes[step * KINDS + kind]!;
        counts[kind]! += change;
        changed ||= change !== 0;
      }
      if (!changed || step * this.#stepNs < fromNs) continue;
      visit(step * this.#stepNs, counts);
      isFirst = false;
    }
  }

  /** Step `n` becomes step `ceil(n / 2)`: the first of the longer steps that is not before it. */
  #halve(): void {
    const changes = this.#changes;
    for (let step = 1; step < this.#steps; step++) {
      const half = (step + 1) >> 1;
      for (let kind = 0; kind < KINDS; kind++) {
        const change = changes[step * KINDS + kind]!;
        changes[step * KINDS + kind] = 0;
        changes[half * KINDS + kind]! += change;
      }
    }
    this.#stepNs *= 2;
  }
}
