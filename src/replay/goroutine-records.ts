/**
 * What replay remembers of every goroutine: one record of 64 bytes (a cache line) each, in one buffer, seen as float64
 * and as int32. Everything about the span at hand is as it was at its start, except `part…`.
 *
 * Why not a typed array per field? With 20,000 goroutines, whose fields no longer fit the nearest cache, that was a fifth
 * slower (test/bench/replay-bench.ts).
 */
const RECORD_BYTES = 64;

/** Offsets into `floats`, in float64s. */
export const Float = {
  /** Start of the span at hand. */
  startNs: 0,
  /** Time of the last event: until then the span at hand is certain. */
  partNs: 1,
  waker: 2,
  /**
   * Time of the event at hand. It travels here and not as an argument: a float64 that is passed to a function that the
   * engine does not inline becomes an object on the heap.
   */
  nowNs: 3,
} as const;

/** Offsets into `words`, in int32s: those of `floats` come first. */
export const Word = {
  tid: 8,
  stack: 9,
  /** cpu | p << 16 */
  place: 10,
  reason: 11,
  wakeSource: 12,
  /** Wait reason given at the last event: that of a stretch on the system stack. */
  partReason: 13,
  /** `to` of the last event | {@link SEEN} | `Phase` after it << {@link PHASE_SHIFT}; 0 before the first. */
  state: 14,
  /** Not 0 when a P was ever recorded for it: a row without one then means that it had none. */
  ranOnP: 15,
} as const;

/** Marks the state of a goroutine that had an event: states are bytes, and 0 is one of them. */
export const SEEN = 0x100;
export const STATE_MASK = 0x1ff;
export const PHASE_SHIFT = 16;

export class GoroutineRecords {
  floats = new Float64Array(0);
  words = new Int32Array(0);

  /** Makes room for `count` goroutines. The views are replaced: take them anew afterwards. */
  reserve(count: number): void {
    const old = this.floats;
    const capacity = old.byteLength / RECORD_BYTES;
    if (count <= capacity) return;
    this.floats = new Float64Array((Math.max(count, capacity * 2) * RECORD_BYTES) / 8);
    this.floats.set(old);
    this.words = new Int32Array(this.floats.buffer);
  }
}

/** Where a goroutine's record begins in `floats` and in `words`. */
export function floatBase(goroutine: number): number {
  return goroutine << 3;
}
export function wordBase(goroutine: number): number {
  return goroutine << 4;
}
