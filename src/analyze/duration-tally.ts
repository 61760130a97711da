import { CompactHistogram } from '../base/compact-histogram.js';
import type { DurationStats, HistogramData } from './sections.js';

/** Count, sum, extremes and percentiles of durations: a few KiB, whatever their number. */
export class DurationTally {
  count = 0;
  /** Of a window: time within it, of those that end outside of it too. */
  totalNs = 0;
  minNs = Number.POSITIVE_INFINITY;
  maxNs = 0;
  readonly histogram = new CompactHistogram();
  /** Of those that count, all of their length. */
  #sumNs = 0;

  add(ns: number): void {
    this.totalNs += ns;
    this.#record(ns);
  }

  /** Of a span that may lie in a window only partly. */
  addPart(ns: number, { partNs, ends }: Part): void {
    this.totalNs += partNs;
    if (ends) this.#record(ns);
  }

  /** Null when nothing was added. */
  stats(): DurationStats | null {
    if (this.count === 0 && this.totalNs === 0) return null;
    const atMost = (percent: number) => Math.min(this.histogram.percentile(percent), this.maxNs);
    return {
      count: this.count,
      totalNs: this.totalNs,
      minNs: this.count === 0 ? 0 : this.minNs,
      avgNs: this.count === 0 ? 0 : this.#sumNs / this.count,
      p50Ns: atMost(50),
      p95Ns: atMost(95),
      p99Ns: atMost(99),
      maxNs: this.maxNs,
    };
  }

  buckets(): HistogramData {
    return [...this.histogram.entries()];
  }

  #record(ns: number): void {
    this.count++;
    this.#sumNs += ns;
    if (ns < this.minNs) this.minNs = ns;
    if (ns > this.maxNs) this.maxNs = ns;
    this.histogram.record(ns);
  }
}

/** What of a span counts. The object is reused. */
export interface Part {
  /** Its time within the window. */
  readonly partNs: number;
  /** It ends in the window: there it is counted. */
  readonly ends: boolean;
}

const NONE: DurationStats = {
  count: 0,
  totalNs: 0,
  minNs: 0,
  avgNs: 0,
  p50Ns: 0,
  p95Ns: 0,
  p99Ns: 0,
  maxNs: 0,
};

export function statsOf(tally: DurationTally): DurationStats {
  return tally.stats() ?? NONE;
}
