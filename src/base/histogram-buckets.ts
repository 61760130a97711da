/**
 * Buckets for durations from 0 to 2^53 ns (104 days), 128 for each power of two. Which one a value belongs to stands in
 * the upper bits of its float64: exponent, then mantissa. 1 is added to each value, so that 0 has a bucket.
 */

/** Bits of the mantissa that tell buckets apart. */
export const MANTISSA_BITS = 7;
export const POWERS = 53;
const HIGH_WORD_SHIFT = 20 - MANTISSA_BITS;
/** Exponent of 1 in a float64: the least value that is counted. */
const FIRST = 1023 << MANTISSA_BITS;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

export function bucketOf(ns: number): number {
  float[0] = ns + 1;
  return (words[1]! >>> HIGH_WORD_SHIFT) - FIRST;
}

/** The least whole number of ns that falls into a bucket. */
export function leastOf(bucket: number): number {
  words[0] = 0;
  words[1] = (bucket + FIRST) << HIGH_WORD_SHIFT;
  return Math.ceil(float[0]!) - 1;
}

/** The greatest whole number of ns that falls into a bucket. */
export function greatestOf(bucket: number): number {
  return leastOf(bucket + 1) - 1;
}
