import type { GoroutineDirectory } from '../model/span-sink.js';
import type { GoroutineInfo } from '../model/trace-facts.js';

const MIN_SLOTS = 1024;
/** Ids are handed out in sequence, so the id itself spreads well. More steps than this and they were chosen to collide. */
const PLAIN_PROBES_MAX = 64;

/**
 * Goroutines by (pid, goid), numbered densely in the order in which the trace mentions them.
 * An open-addressing hash over typed arrays, at most a quarter full, with linear probing: a lookup makes no object and no
 * string, and reads one cache line. The hash is the id itself until that collides, then a seeded one that no file can be
 * made for; the numbers do not depend on it.
 */
export class GoroutineTable implements GoroutineDirectory {
  private count = 0;
  private readonly infos: (GoroutineInfo | undefined)[] = [];
  private readonly goids: number[] = [];
  private readonly pids: number[] = [];
  /** Slots of 16 bytes: goid as float64, pid as uint32, number of the goroutine + 1 as uint32 (0 is free). */
  private slotGoids = new Float64Array(MIN_SLOTS * 2);
  private slotWords = new Uint32Array(this.slotGoids.buffer);
  private mask = MIN_SLOTS - 1;
  /** 0 while ids are their own hashes. */
  private seed = 0;

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

  /** Keeps what the trace says about a goroutine: the first word about it stands, save for labels, where the last does. */
  addInfo(info: GoroutineInfo): void {
    if (info.goid === 0) return;
    const goroutine = this.indexOf(info.pid, info.goid);
    const known = this.infos[goroutine];
    if (known === undefined) this.infos[goroutine] = info;
    else if (info.labels !== undefined) this.infos[goroutine] = { ...known, labels: info.labels };
  }

  /** Number of a goroutine; a new one when it was never asked for. */
  indexOf(pid: number, goid: number): number {
    const { slotGoids, slotWords, mask } = this;
    let probes = 0;
    for (let slot = this.hash(pid, goid) & mask; ; slot = (slot + 1) & mask) {
      const number = slotWords[slot * 4 + 3]!;
      if (number === 0) return this.insert(slot, pid, goid, probes);
      if (slotGoids[slot * 2] === goid && slotWords[slot * 4 + 2] === pid) return number - 1;
      probes++;
    }
  }

  private hash(pid: number, goid: number): number {
    return this.seed === 0 ? goid ^ Math.imul(pid, 0x9e3779b1) : scramble(pid, goid, this.seed);
  }

  private insert(slot: number, pid: number, goid: number, probes: number): number {
    const goroutine = this.count++;
    this.goids.push(goid);
    this.pids.push(pid);
    this.infos.push(undefined);
    this.fill(slot, pid, goid, goroutine);
    if (probes > PLAIN_PROBES_MAX && this.seed === 0) this.seed = 1 + Math.floor(Math.random() * 0x7fffffff);
    else if (this.count * 4 <= this.mask) return goroutine;
    this.rehash();
    return goroutine;
  }

  private fill(slot: number, pid: number, goid: number, goroutine: number): void {
    this.slotGoids[slot * 2] = goid;
    this.slotWords[slot * 4 + 2] = pid;
    this.slotWords[slot * 4 + 3] = goroutine + 1;
  }

  private rehash(): void {
    if (this.count * 4 > this.mask) this.mask = this.mask * 2 + 1;
    this.slotGoids = new Float64Array((this.mask + 1) * 2);
    this.slotWords = new Uint32Array(this.slotGoids.buffer);
    for (let goroutine = 0; goroutine < this.count; goroutine++) {
      const pid = this.pidOf(goroutine);
      const goid = this.goidOf(goroutine);
      let slot = this.hash(pid, goid) & this.mask;
      while (this.slotWords[slot * 4 + 3] !== 0) slot = (slot + 1) & this.mask;
      this.fill(slot, pid, goid, goroutine);
    }
  }
}

/** MurmurHash3's finalizer over both halves of the id and the pid. */
function scramble(pid: number, goid: number, seed: number): number {
  let h = (goid | 0) ^ Math.imul((goid * 2 ** -32) | 0, 0x9e3779b1) ^ Math.imul(pid, 0x27d4eb2f) ^ seed;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
