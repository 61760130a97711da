/**
 * The buckets and percentiles of {@link DurationHistogram} in memory that depends on the values: 1 KiB for each power of
 * two that occurs. For thousands of histograms at once.
 */
import { bucketOf, greatestOf, leastOf, MANTISSA_BITS, POWERS } from './histogram-buckets.js';

const PAGE = 1 << MANTISSA_BITS;

export class CompactHistogram {
  #total = 0;
  readonly #pages: (Float64Array | undefined)[] = new Array<undefined>(POWERS);

  get count(): number {
    return this.#total;
  }

  record(ns: number): void {
    const bucket = bucketOf(ns);
    let page = this.#pages[bucket >>> MANTISSA_BITS];
    if (page === undefined) {
      page = new Float64Array(PAGE);
      this.#pages[bucket >>> MANTISSA_BITS] = page;
    }
    const at = bucket & (PAGE - 1);
    page[at] = page[at]! + 1;
    this.#total++;
  }

  /** The least duration known not to be exceeded by `percent` % of all; 0 when there is none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.#total));
    let seen = 0;
    for (const [bucket, count] of this.#buckets()) {
      seen += count;
      if (seen >= wanted) return greatestOf(bucket);
    }
    return 0;
  }

  /** `[least ns of the bucket, how many]`, in order, without empty ones. */
  *entries(): Iterable<[leastNs: number, count: number]> {
    for (const [bucket, count] of this.#buckets()) yield [leastOf(bucket), count];
  }

  *#buckets(): Iterable<[bucket: number, count: number]> {
    for (let power = 0; power < POWERS; power++) {
      const page = this.#pages[power];
      if (page === undefined) continue;
      for (let at = 0; at < PAGE; at++) {
        if (page[at] !== 0) yield [power * PAGE + at, page[at]!];
      }
    }
  }
}
