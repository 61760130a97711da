/**
 * Durations and their percentiles.
 *
 * Why not hdr-histogram-js? Per value its plain JavaScript takes 83 ns and its WebAssembly build 16 ns, this 6 ns (8 M
 * log-uniform values, Node 20). A transition may cost 50 ns in all, and with the WebAssembly build the analysis stayed
 * below that rate: 16.3 against 18.7 M transitions/s on the same machine (test/bench/replay-bench.ts).
 */

/** Bits of the mantissa that tell buckets apart: 128 buckets for each power of two. */
const MANTISSA_BITS = 7;
const HIGH_WORD_SHIFT = 20 - MANTISSA_BITS;
/** Exponent of 1 in a float64: the least value that is counted, as 1 is added to each. */
const FIRST = 1023 << MANTISSA_BITS;
/** Up to 2^53 ns, which is 104 days. */
const BUCKETS = 53 << MANTISSA_BITS;

/** A bucket is at most this much wider than its least value: so much a percentile may be too high, never too low. */
export const HISTOGRAM_RELATIVE_ERROR = 2 ** -MANTISSA_BITS;

/** Which bucket a value belongs to stands in the upper bits of its float64: exponent, then mantissa. */
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
      if (seen >= wanted) return this.greatestOf(bucket);
    }
    return 0;
  }

  /** The greatest whole number of ns that falls into a bucket. */
  private greatestOf(bucket: number): number {
    this.words[0] = 0;
    this.words[1] = (bucket + 1 + FIRST) << HIGH_WORD_SHIFT;
    return Math.ceil(this.float[0]!) - 2;
  }
}
