/** Which goroutines get a profile of their own: speedscope holds the whole file in memory, and nobody looks at thousands. */
import { type Span, SpanKind } from '../model/span.js';
import type { PlanSink } from './format.js';

export const MAX_PROFILES = 1000;
export const MAX_SPANS = 200_000;

export class SpeedscopePlan implements PlanSink {
  readonly #runningNs: number[] = [];
  readonly #spans: number[] = [];

  segment(): void {}

  begin(goroutine: number): void {
    this.#runningNs[goroutine] ??= 0;
    this.#spans[goroutine] ??= 0;
  }

  span({ goroutine, kind, startNs, endNs }: Span): void {
    this.#spans[goroutine]! += 1;
    if (kind === SpanKind.running) this.#runningNs[goroutine]! += endNs - startNs;
  }

  systemStack(): void {}

  end(): void {}

  /** Those that executed longest, as many as fit. */
  chosen(): ReadonlySet<number> {
    const byTime = [...this.#spans.keys()].sort((a, b) => this.#runningNs[b]! - this.#runningNs[a]! || a - b);
    const chosen = new Set<number>();
    let spans = 0;
    for (const goroutine of byTime.slice(0, MAX_PROFILES)) {
      // One that is too large for what is left must not keep smaller ones out.
      if (spans + this.#spans[goroutine]! > MAX_SPANS) continue;
      spans += this.#spans[goroutine]!;
      chosen.add(goroutine);
    }
    return chosen;
  }

  get goroutines(): number {
    return this.#spans.length;
  }
}
