import { Heap } from '../base/heap.js';

interface Lane {
  readonly number: number;
  /** End of the last life in it. */
  readonly freeNs: number;
}

/** Tracks that goroutines share one after another: each life takes the first lane that is free since before it began. */
export class LanePool {
  readonly #free = new Heap<Lane>((a, b) => a.number < b.number);
  #count = 0;

  /** How many there are; they are numbered from 0. */
  get count(): number {
    return this.#count;
  }

  /** Lives begin in order of time, but for those of goroutines that were there before they were first seen. */
  take(startNs: number): number {
    const lane = this.#free.pop();
    if (lane === undefined) return this.#count++;
    if (lane.freeNs <= startNs) return lane.number;
    this.#free.push(lane);
    return this.#count++;
  }

  release(lane: number, endNs: number): void {
    this.#free.push({ number: lane, freeNs: endNs });
  }
}
