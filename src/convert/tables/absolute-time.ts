/** Moments since the start of a trace as absolute ones. ns since 1970 exceed a float64: two words, or text. */

const TWO_32 = 4_294_967_296;
const SECOND_NS = 1e9;

/** int64 as pairs of 32-bit words, low first, without a BigInt per value. NaN becomes 0. */
export function toInt64(values: Float64Array, length: number, base: bigint): BigInt64Array {
  const result = new BigInt64Array(length);
  const words = new Uint32Array(result.buffer);
  const baseLow = Number(base & 0xffff_ffffn);
  const baseHigh = Number(base >> 32n);
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) continue;
    const high = Math.floor(value / TWO_32);
    const low = value - high * TWO_32 + baseLow;
    words[2 * row] = low;
    words[2 * row + 1] = high + baseHigh + (low >= TWO_32 ? 1 : 0);
  }
  return result;
}

/** `2026-11-23T01:49:53.123456789Z`; the part up to the second is made once for each. */
export class IsoTime {
  readonly #baseSeconds: number;
  readonly #baseNs: number;
  #second = Number.NaN;
  #text = '';

  constructor(startRealtimeNs: bigint) {
    this.#baseSeconds = Number(startRealtimeNs / 1_000_000_000n);
    this.#baseNs = Number(startRealtimeNs % 1_000_000_000n);
  }

  text(timeNs: number): string {
    const seconds = Math.floor(timeNs / SECOND_NS);
    let ns = timeNs - seconds * SECOND_NS + this.#baseNs;
    let second = this.#baseSeconds + seconds;
    if (ns >= SECOND_NS) {
      ns -= SECOND_NS;
      second++;
    }
    if (second !== this.#second) {
      this.#second = second;
      this.#text = new Date(second * 1000).toISOString().slice(0, 19);
    }
    return `${this.#text}.${String(ns).padStart(9, '0')}Z`;
  }
}
