/** Scheduling latency: how long goroutines are ready to run before they run, when, and what ran in their place. */
import { type Span, SpanKind } from '../../model/span.js';
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally, type Part } from '../duration-tally.js';
import { nameOf } from '../extremes.js';
import type { LatencySection, WorstWait } from '../sections.js';
import { TopList } from '../top-list.js';
import { realtimeOf } from '../wall-clock.js';
import { LatencyHeat } from './latency-heat.js';
import { RecentRuns, type RunShare } from './recent-runs.js';

const RAN_INSTEAD_SHOWN = 5;

interface Wait {
  readonly goroutine: number;
  readonly startNs: number;
  readonly ns: number;
  readonly waker: number;
  readonly ps: number;
  readonly ran: readonly RunShare[];
}

export class LatencyTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #tally = new DurationTally();
  readonly #heat: LatencyHeat;
  readonly #runs = new RecentRuns();
  readonly #worst: TopList<Wait>;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#heat = new LatencyHeat(input.window.fromNs);
    const { goroutines } = input;
    this.#worst = new TopList<Wait>(
      input.top,
      (a, b) =>
        a.startNs - b.startNs ||
        goroutines.pidOf(a.goroutine) - goroutines.pidOf(b.goroutine) ||
        goroutines.goidOf(a.goroutine) - goroutines.goidOf(b.goroutine),
    );
  }

  opened(span: Span): void {
    if (span.kind === SpanKind.running) this.#runs.begin(span);
  }

  span(span: Span, part: Part): void {
    if (span.kind === SpanKind.running) this.#runs.end(span);
    if (span.kind !== SpanKind.runnable || !part.ends) return;
    const ns = span.endNs - span.startNs;
    this.#tally.add(ns);
    this.#heat.add(span.endNs, ns);
    if (ns > 0 && ns >= this.#worst.least) this.#worst.offer(this.#waitOf(span, ns), ns);
  }

  result(): LatencySection {
    return {
      stats: this.#tally.stats(),
      histogram: this.#tally.buckets(),
      heatMap: this.#heat.result(),
      worst: this.#worst.items().map((wait) => this.#named(wait)),
    };
  }

  #waitOf({ goroutine, startNs, endNs, waker }: Span, ns: number): Wait {
    return { goroutine, startNs, ns, waker, ps: this.#runs.ps, ran: this.#runs.within(startNs, endNs, goroutine) };
  }

  #named({ goroutine, startNs, ns, waker, ps, ran }: Wait): WorstWait {
    const { goroutines, facts } = this.#input;
    return {
      ...nameOf(goroutine, goroutines),
      startNs,
      ns,
      realtimeNs: realtimeOf(facts, startNs),
      waker,
      ps,
      explainedNs: ran.reduce((sum, share) => sum + share.ns, 0),
      ranInstead: ran
        .slice(0, RAN_INSTEAD_SHOWN)
        .map((share) => ({ ...nameOf(share.goroutine, goroutines), ns: share.ns })),
    };
  }
}
