/**
 * A stretch of a trace as a trace of its own. What `analyze --from --to` reads and what `cut` writes are the same segments.
 *
 * 1. Before the window, rows are replayed only to know the state of every goroutine at its left border.
 * 2. The first segment says these states; inside, rows are handed on as they are. A goroutine that was dead at the border
 *    is introduced by the segment in which it shows up again.
 * 3. Behind the window the next row of each goroutine is looked for: it tells how the span at the right border went on.
 *
 * Memory: one segment, and what is known of each goroutine.
 */
import type { TraceFacts, WindowFact } from '../../model/trace-facts.js';
import type { TraceSource } from '../../model/trace-segment.js';
import { intersection } from '../../model/trace-window.js';
import { SegmentCutter, type WindowPart } from './segment-cutter.js';

const EVERYTHING: WindowFact = { fromNs: 0, toNs: Number.POSITIVE_INFINITY, goids: [], functions: [] };

export interface Selection extends WindowFact {
  /** Undefined: every goroutine. */
  readonly isWanted?: ((pid: number, goid: number) => boolean) | undefined;
}

export type WindowSegment = WindowPart & { readonly index: number };

export class WindowSource implements TraceSource {
  readonly facts: TraceFacts & { readonly window: WindowFact };
  readonly #source: TraceSource;
  readonly #isWanted: Selection['isWanted'];

  constructor(source: TraceSource, selection: Selection) {
    const outer = source.facts.window ?? EVERYTHING;
    const window = {
      ...intersection(outer, selection),
      goids: bothOf(outer.goids, selection.goids),
      functions: [...outer.functions, ...selection.functions],
    };
    this.facts = { ...source.facts, window };
    this.#source = source;
    this.#isWanted = selection.isWanted;
  }

  get reasons(): readonly string[] {
    return this.#source.reasons;
  }

  get endNs(): number {
    const { fromNs, toNs } = this.facts.window;
    return Math.max(fromNs, Math.min(toNs, this.#source.endNs));
  }

  async *segments(): AsyncIterable<WindowSegment> {
    const cutter = new SegmentCutter(this.#source.reasons, this.facts.window, this.#isWanted);
    let index = 0;
    for await (const segment of this.#source.segments()) {
      for (const part of cutter.take(segment)) yield { ...part, index: index++ };
    }
    for (const part of cutter.finish()) yield { ...part, index: index++ };
  }
}

/** No choice is every goroutine. */
function bothOf(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0 || b.length === 0) return [...a, ...b];
  return a.filter((goid) => b.includes(goid));
}
