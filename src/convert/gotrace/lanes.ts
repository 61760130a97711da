/**
 * Threads ("M") of a Go trace, each with a processor ("P") of its own for ever: who had which P in a system call is not
 * recorded, and need not be invented this way.
 */

import { WireBytes } from '../wire-bytes.js';
import type { EventType } from './event-type.js';
import type { Life } from './life.js';

/** Above the numbers that Linux gives to threads: what cannot be on its own thread gets one with such a number. */
const SPARE_M = 10_000_000;

export class Lane {
  readonly m: number;
  readonly p: number;
  /** Running here, or in a system call. */
  life: Life | undefined;
  /** The last one in which the state of the P was told. */
  generation = 0;
  /** Of changes of the P, within the generation. */
  sequence = 0;
  readonly bytes = new WireBytes();
  /** Time of the first and the last event in `bytes`; the last holds on when `bytes` are taken away. */
  baseNs = 0;
  lastNs = 0;

  constructor(m: number, p: number) {
    this.m = m;
    this.p = p;
  }

  /** Begins an event: its arguments follow in `bytes`. Times never go back on a thread. */
  event(type: EventType, timeNs: number): WireBytes {
    const { bytes } = this;
    const now = Math.max(timeNs, this.lastNs);
    bytes.reserve();
    if (bytes.length === 0) this.baseNs = this.lastNs = now;
    bytes.byte(type);
    bytes.uint(now - this.lastNs);
    this.lastNs = now;
    return bytes;
  }
}

export class Lanes {
  readonly all: Lane[] = [];
  /** Those without a goroutine, by the thread that they stand for. */
  readonly #free = new Map<number, Lane[]>();
  readonly #countByTid = new Map<number, number>();
  readonly #tidByLane: number[] = [];

  /** A lane of this thread that nothing runs on; another one when the trace says that two goroutines ran there at once. */
  idle(tid: number): Lane {
    return this.#free.get(tid)?.at(-1) ?? this.#add(tid);
  }

  enter(lane: Lane, life: Life): void {
    const free = this.#free.get(this.#tidByLane[lane.p]!)!;
    free.splice(free.lastIndexOf(lane), 1);
    lane.life = life;
    life.lane = lane;
  }

  leave(lane: Lane): void {
    if (lane.life !== undefined) lane.life.lane = undefined;
    lane.life = undefined;
    this.#free.get(this.#tidByLane[lane.p]!)!.push(lane);
  }

  /** The thread that a lane stands for; 0 is not known. */
  tidOf(lane: Lane): number {
    return this.#tidByLane[lane.p]!;
  }

  /** Lanes beside the first one of a thread. */
  get spare(): number {
    return this.all.length - this.#countByTid.size;
  }

  #add(tid: number): Lane {
    const count = this.#countByTid.get(tid) ?? 0;
    this.#countByTid.set(tid, count + 1);
    const place = tid === 0 ? count + 1 : count;
    const lane = new Lane(tid + place * SPARE_M, this.all.length);
    this.all.push(lane);
    this.#tidByLane.push(tid);
    const free = this.#free.get(tid);
    if (free === undefined) this.#free.set(tid, [lane]);
    else free.push(lane);
    return lane;
  }
}
