/**
 * What the recorder remembers of each `runtime.g`, found by its address: an open-addressing hash over typed arrays.
 * Addresses are reused by later goroutines, so memory depends on how many goroutines lived at once.
 */
const INITIAL_SLOTS = 4096;
const MAXIMUM_LOAD = 0.6;

/** Value of `pending` for a g whose goroutine's id is known. */
export const NOT_PENDING = 0;

export class GoroutineTracker {
  /** Address of the g and process, 0 in a free slot. */
  #g = new Float64Array(INITIAL_SLOTS);
  #pid = new Uint32Array(INITIAL_SLOTS);
  /** Id of the goroutine that has this g, as last seen. 0: none yet. */
  goid = new Float64Array(INITIAL_SLOTS);
  /** `from << 16 | to << 8 | probe` of the last event. */
  last = new Uint32Array(INITIAL_SLOTS);
  /** Number of the creation that waits for its goroutine's id, see `PendingCreations`. */
  pending = new Uint32Array(INITIAL_SLOTS);
  #mask = INITIAL_SLOTS - 1;
  #used = 0;

  /** Slot of a g, made when it is new. Slots move when the table grows: do not keep one across calls. */
  slotOf(g: number, pid: number): number {
    let slot = hash(g, pid) & this.#mask;
    for (;;) {
      const there = this.#g[slot]!;
      if (there === g && this.#pid[slot] === pid) return slot;
      if (there === 0) break;
      slot = (slot + 1) & this.#mask;
    }
    if (this.#used >= this.#g.length * MAXIMUM_LOAD) {
      this.#grow();
      return this.slotOf(g, pid);
    }
    this.#used++;
    this.#g[slot] = g;
    this.#pid[slot] = pid;
    return slot;
  }

  #grow(): void {
    const { goid, last, pending } = this;
    const g = this.#g;
    const pid = this.#pid;
    const slots = g.length * 2;
    this.#mask = slots - 1;
    this.#used = 0;
    this.#g = new Float64Array(slots);
    this.#pid = new Uint32Array(slots);
    this.goid = new Float64Array(slots);
    this.last = new Uint32Array(slots);
    this.pending = new Uint32Array(slots);
    for (let old = 0; old < g.length; old++) {
      if (g[old] === 0) continue;
      const slot = this.slotOf(g[old]!, pid[old]!);
      this.goid[slot] = goid[old]!;
      this.last[slot] = last[old]!;
      this.pending[slot] = pending[old]!;
    }
  }
}

/** A g is at least 64-byte aligned and lies below 2^48: mix what varies. */
function hash(g: number, pid: number): number {
  const low = (g / 64) >>> 0;
  const mixed = Math.imul(low ^ Math.imul(pid, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
