/**
 * Tracks of the goroutines of one start function. A goroutine has one from its birth to its end; then another may use it,
 * so that there are as many as lived at one time. A track that only one goroutine used is called by it.
 */
import { Heap } from '../../base/heap.js';

export interface Lane {
  readonly uuid: number;
  /** Of layouts with threads. */
  readonly tid: number;
  /** Position within its function, from 0. */
  readonly index: number;
  readonly firstGoid: number;
  goroutines: number;
  /** Where its last goroutine ended; infinite while one lives. */
  freeFromNs: number;
}

/** Makes the lane at `index`, of which `goid` is the first goroutine. */
export type MakeLane = (index: number, goid: number) => Lane;

export class Lanes {
  readonly all: Lane[] = [];
  readonly #make: MakeLane;
  readonly #free = new Heap<Lane>((a, b) => a.index < b.index);

  constructor(make: MakeLane) {
    this.#make = make;
  }

  /** The first lane that is free from `timeNs` on. What was known late may lie before the end of the last goroutine there. */
  take(goid: number, timeNs: number): Lane {
    const free = this.#free.first;
    if (free === undefined || free.freeFromNs > timeNs) return this.#new(goid);
    this.#free.pop();
    free.goroutines++;
    free.freeFromNs = Number.POSITIVE_INFINITY;
    return free;
  }

  /** The lane's goroutine has ended. */
  leave(lane: Lane, timeNs: number): void {
    lane.freeFromNs = timeNs;
    this.#free.push(lane);
  }

  #new(goid: number): Lane {
    const lane = this.#make(this.all.length, goid);
    this.all.push(lane);
    return lane;
  }
}

/** `G17`, or `G17 and 249 more`. */
export function laneName({ firstGoid, goroutines }: Lane): string {
  return goroutines === 1 ? `G${firstGoid}` : `G${firstGoid} and ${goroutines - 1} more`;
}
