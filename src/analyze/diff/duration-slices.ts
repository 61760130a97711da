/** Durations of one kind in slices of time: counts and sums of each slice, and how they are distributed there. */
import { bucketOf, greatestOf } from '../../base/histogram-buckets.js';

export class DurationSlices {
  readonly counts: Float64Array;
  readonly totals: Float64Array;
  /** Of each slice: bucket → how many. Few buckets are in use. */
  private readonly buckets: readonly Map<number, number>[];

  constructor(slices: number) {
    this.counts = new Float64Array(slices);
    this.totals = new Float64Array(slices);
    this.buckets = Array.from({ length: slices }, () => new Map<number, number>());
  }

  record(slice: number, ns: number): void {
    this.counts[slice] = this.counts[slice]! + 1;
    this.totals[slice] = this.totals[slice]! + ns;
    const buckets = this.buckets[slice]!;
    const bucket = bucketOf(ns);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }

  get count(): number {
    return sum(this.counts);
  }

  get totalNs(): number {
    return sum(this.totals);
  }

  /** Share of the durations of each slice that are longer than a bucket's; slices without any are left out. */
  sharesAbove(limit: number): number[] {
    return this.buckets.flatMap((buckets, slice) => {
      const count = this.counts[slice]!;
      if (count === 0) return [];
      let above = 0;
      for (const [bucket, many] of buckets) if (bucket > limit) above += many;
      return [above / count];
    });
  }

  /** All slices together, bucket → how many. */
  distribution(): Map<number, number> {
    const all = new Map<number, number>();
    for (const buckets of this.buckets) addTo(all, buckets);
    return all;
  }
}

export function addTo(into: Map<number, number>, buckets: ReadonlyMap<number, number>): void {
  for (const [bucket, many] of buckets) into.set(bucket, (into.get(bucket) ?? 0) + many);
}

/** The bucket that `percent` % of a distribution do not exceed; undefined when it is empty. */
export function percentileBucket(distribution: ReadonlyMap<number, number>, percent: number): number | undefined {
  const sorted = [...distribution].sort(([a], [b]) => a - b);
  const wanted = Math.max(1, Math.ceil((percent / 100) * sorted.reduce((total, [, many]) => total + many, 0)));
  let seen = 0;
  for (const [bucket, many] of sorted) {
    seen += many;
    if (seen >= wanted) return bucket;
  }
  return undefined;
}

/** The same as a duration: at most one bucket's width too high. 0 when there is none. */
export function percentileNs(distribution: ReadonlyMap<number, number>, percent: number): number {
  const bucket = percentileBucket(distribution, percent);
  return bucket === undefined ? 0 : greatestOf(bucket);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
