import type { GoroutineDirectory } from '../model/span-sink.js';
import type { GoroutineInfo } from '../model/trace-facts.js';

const MIN_SLOTS = 1024;

/**
 * Goroutines by (pid, goid), numbered densely in the order in which the trace mentions them.
 * An open-addressing hash over typed arrays, at most half full, with linear probing: a lookup makes no object and no
 * string. The hash is seeded, so a file cannot be made to collide; numbers do not depend on it.
 */
export class GoroutineTable implements GoroutineDirectory {
  private count = 0;
  private goids = new Float64Array(MIN_SLOTS / 2);
  private pids = new Uint32Array(MIN_SLOTS / 2);
  /** Number of a goroutine + 1; 0 is free. */
  private slots = new Int32Array(MIN_SLOTS);
  private readonly infos: (GoroutineInfo | undefined)[] = [];
  private readonly seed: number;

  constructor(seed = Math.floor(Math.random() * 2 ** 32)) {
    this.seed = seed | 0;
  }

  get size(): number {
    return this.count;
  }

  pidOf(goroutine: number): number {
    return this.pids[goroutine] ?? 0;
  }

  goidOf(goroutine: number): number {
    return this.goids[goroutine] ?? 0;
  }

  infoOf(goroutine: number): GoroutineInfo | undefined {
    return this.infos[goroutine];
  }

  /** Keeps what the trace says about a goroutine; the first word about it stands. */
  addInfo(info: GoroutineInfo): void {
    if (info.goid === 0) return;
    const goroutine = this.indexOf(info.pid, info.goid);
    this.infos[goroutine] ??= info;
  }

  /** Number of a goroutine; a new one when it was never asked for. */
  indexOf(pid: number, goid: number): number {
    const { slots, goids, pids } = this;
    const mask = slots.length - 1;
    for (let slot = hash(pid, goid, this.seed) & mask; ; slot = (slot + 1) & mask) {
      const goroutine = slots[slot]! - 1;
      if (goroutine < 0) return this.insert(slot, pid, goid);
      if (goids[goroutine] === goid && pids[goroutine] === pid) return goroutine;
    }
  }

  private insert(slot: number, pid: number, goid: number): number {
    const goroutine = this.count++;
    this.goids[goroutine] = goid;
    this.pids[goroutine] = pid;
    this.infos.push(undefined);
    this.slots[slot] = goroutine + 1;
    if (this.count === this.goids.length) this.grow();
    return goroutine;
  }

  private grow(): void {
    const { goids, pids } = this;
    this.goids = new Float64Array(goids.length * 2);
    this.goids.set(goids);
    this.pids = new Uint32Array(pids.length * 2);
    this.pids.set(pids);
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let goroutine = 0; goroutine < this.count; goroutine++) {
      let slot = hash(pids[goroutine]!, goids[goroutine]!, this.seed) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = goroutine + 1;
    }
  }
}

/** MurmurHash3's finalizer over both halves of the id and the pid. */
function hash(pid: number, goid: number, seed: number): number {
  let h = (goid | 0) ^ Math.imul((goid * 2 ** -32) | 0, 0x9e3779b1) ^ Math.imul(pid, 0x27d4eb2f) ^ seed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
