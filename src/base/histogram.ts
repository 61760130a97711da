/**
 * Durations and their percentiles.
 *
 * Why not hdr-histogram-js? Per value its plain JavaScript takes 83 ns and its WebAssembly build 16 ns, this 6 ns (8 M
 * log-uniform values, Node 20). A transition may cost 50 ns in all, and with the WebAssembly build the analysis stayed
 * below that rate: 16.3 against 18.7 M transitions/s on the same machine (test/bench/replay-bench.ts).
 */

import { greatestOf, leastOf, MANTISSA_BITS, POWERS } from './histogram-buckets.js';

const HIGH_WORD_SHIFT = 20 - MANTISSA_BITS;
const FIRST = 1023 << MANTISSA_BITS;
const BUCKETS = POWERS << MANTISSA_BITS;

/** A bucket is at most this much wider than its least value: so much a percentile may be too high, never too low. */
export const HISTOGRAM_RELATIVE_ERROR = 2 ** -MANTISSA_BITS;

/** The bucket of a value is that of `histogram-buckets.ts`, worked out in place: this runs for every transition. */
export class DurationHistogram {
  private readonly counts = new Float64Array(BUCKETS);
  private readonly float = new Float64Array(1);
  private readonly words = new Uint32Array(this.float.buffer);
  private total = 0;

  get count(): number {
    return this.total;
  }

  record(ns: number): void {
    this.float[0] = ns + 1;
    const bucket = (this.words[1]! >>> HIGH_WORD_SHIFT) - FIRST;
    this.counts[bucket] = this.counts[bucket]! + 1;
    this.total++;
  }

  /** The least duration known not to be exceeded by `percent` % of all; 0 when there is none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.total));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.counts[bucket]!;
      if (seen >= wanted) return greatestOf(bucket);
    }
    return 0;
  }

  /** `[least ns of the bucket, how many]`, in order, without empty ones. */
  *entries(): Iterable<[leastNs: number, count: number]> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.counts[bucket] !== 0) yield [leastOf(bucket), this.counts[bucket]!];
    }
  }
}
