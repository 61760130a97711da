/**
 * What replay remembers of every goroutine: one record of 64 bytes (a cache line) each, in one buffer, seen as float64
 * and as int32. Everything about the span at hand is as it was at its start, except `part…`.
 *
 * Why not a typed array per field? Measured (test/bench/replay-bench.ts): a third slower with 1,000 goroutines, and half
 * as fast with 200,000.
 */
const RECORD_BYTES = 64;

/** Offsets into `floats`, in float64s. */
export const Float = {
  /** Start of the span at hand. */
  startNs: 0,
  /** Time of the last event: until then the span at hand is certain. */
  partNs: 1,
  waker: 2,
} as const;

/** Offsets into `words`, in int32s: those of `floats` come first. */
export const Word = {
  tid: 6,
  stack: 7,
  /** cpu | p << 16 */
  place: 8,
  reason: 9,
  wakeSource: 10,
  /** Wait reason given at the last event: that of a stretch on the system stack. */
  partReason: 11,
  /** `to` of the last event | {@link SEEN}; 0 before the first. */
  state: 12,
  /** `Phase` after the last event. */
  phase: 13,
  /** Not 0 when a P was ever recorded for it: a row without one then means that it had none. */
  ranOnP: 14,
} as const;

/** Marks the state of a goroutine that had an event: states are bytes, and 0 is one of them. */
export const SEEN = 0x100;

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
