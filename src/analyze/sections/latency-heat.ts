import type { HeatMap } from '../sections.js';

const BUCKETS = 128;
const FIRST_BUCKET_NS = 1000;
const POWERS = 53;

/** Waits by time and length, in 128 buckets of time at most: they become twice as wide when the trace outgrows them. */
export class LatencyHeat {
  readonly #originNs: number;
  #bucketNs = FIRST_BUCKET_NS;
  readonly #counts = new Float64Array(BUCKETS * POWERS);

  constructor(originNs: number) {
    this.#originNs = originNs;
  }

  add(timeNs: number, ns: number): void {
    const after = Math.max(0, timeNs - this.#originNs);
    while (after >= this.#bucketNs * BUCKETS) this.#widen();
    const power = ns < 2 ? 0 : Math.min(POWERS - 1, Math.floor(Math.log2(ns)));
    const at = Math.floor(after / this.#bucketNs) * POWERS + power;
    this.#counts[at] = this.#counts[at]! + 1;
  }

  result(): HeatMap {
    const cells: [number, number, number][] = [];
    for (const [at, count] of this.#counts.entries()) {
      if (count > 0) cells.push([Math.floor(at / POWERS), at % POWERS, count]);
    }
    return { startNs: this.#originNs, bucketNs: this.#bucketNs, cells };
  }

  #widen(): void {
    this.#bucketNs *= 2;
    const counts = this.#counts;
    for (let bucket = 0; bucket < BUCKETS / 2; bucket++) {
      for (let power = 0; power < POWERS; power++) {
        const [a, b] = [2 * bucket * POWERS + power, (2 * bucket + 1) * POWERS + power];
        counts[bucket * POWERS + power] = counts[a]! + counts[b]!;
      }
    }
    counts.fill(0, (BUCKETS / 2) * POWERS);
  }
}
