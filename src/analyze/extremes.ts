/** The longest spans of a kind. */
import type { Span } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { Extreme } from './analysis.js';
import type { GoroutineName } from './sections.js';
import { TopList } from './top-list.js';

export interface LongSpan {
  readonly goroutine: number;
  readonly startNs: number;
  readonly endNs: number;
}

export class LongestSpans {
  readonly #list: TopList<LongSpan>;

  constructor(limit: number, goroutines: GoroutineDirectory) {
    this.#list = new TopList<LongSpan>(
      limit,
      (a, b) =>
        a.startNs - b.startNs ||
        goroutines.pidOf(a.goroutine) - goroutines.pidOf(b.goroutine) ||
        goroutines.goidOf(a.goroutine) - goroutines.goidOf(b.goroutine),
    );
  }

  add({ goroutine, startNs, endNs }: Span): void {
    const ns = endNs - startNs;
    if (ns >= this.#list.least) this.#list.offer({ goroutine, startNs, endNs }, ns);
  }

  /** The longest first. */
  items(): LongSpan[] {
    return this.#list.items();
  }
}

export function extremeOf({ goroutine, startNs, endNs }: LongSpan, goroutines: GoroutineDirectory): Extreme {
  return { ns: endNs - startNs, startNs, pid: goroutines.pidOf(goroutine), goid: goroutines.goidOf(goroutine) };
}

export function nameOf(goroutine: number, goroutines: GoroutineDirectory): GoroutineName {
  return {
    pid: goroutines.pidOf(goroutine),
    goid: goroutines.goidOf(goroutine),
    startFunction: goroutines.infoOf(goroutine)?.startFunction ?? '',
  };
}
