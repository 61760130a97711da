/** Transitions waiting to be written, as columns. */
import type { TransitionBatch } from '../model/transition-batch.js';

/** Rows of one segment at most. */
export const SEGMENT_ROWS = 65_536;
/** Rows kept back when a full segment leaves, so that a late event still finds its place. */
export const TAIL_ROWS = 1024;
/** Time that one segment spans at most. */
export const SEGMENT_NS = 1e9;
const CAPACITY = 2 * SEGMENT_ROWS;

export class RowBuffer implements TransitionBatch {
  length = 0;
  readonly timeNs = new Float64Array(CAPACITY);
  readonly goid = new Float64Array(CAPACITY);
  readonly pid = new Uint32Array(CAPACITY);
  readonly tid = new Uint32Array(CAPACITY);
  readonly cpu = new Uint16Array(CAPACITY);
  readonly p = new Uint16Array(CAPACITY);
  readonly from = new Uint8Array(CAPACITY);
  readonly to = new Uint8Array(CAPACITY);
  readonly reason = new Uint16Array(CAPACITY);
  readonly waker = new Float64Array(CAPACITY);
  readonly wakeSource = new Uint8Array(CAPACITY);
  readonly stack = new Uint32Array(CAPACITY);

  readonly #columns = [
    this.timeNs,
    this.goid,
    this.pid,
    this.tid,
    this.cpu,
    this.p,
    this.from,
    this.to,
    this.reason,
    this.waker,
    this.wakeSource,
    this.stack,
  ] as const;

  /** True when the rows must leave before one at `timeNs` is added: a segment is full, or its second is over. */
  isDue(timeNs: number): boolean {
    if (this.length >= SEGMENT_ROWS + TAIL_ROWS) return true;
    return this.length > 0 && timeNs - this.timeNs[0]! >= SEGMENT_NS;
  }

  /**
   * Opens a row for an event at `timeNs` and returns its index. Events come almost in order; one that was overtaken
   * while it was written is put back to its place, and `length - 1 - index` rows after it have moved up by one.
   */
  open(timeNs: number): number {
    const end = this.length++;
    let row = end;
    while (row > 0 && this.timeNs[row - 1]! > timeNs) row--;
    if (row < end) for (const column of this.#columns) column.copyWithin(row + 1, row, end);
    this.timeNs[row] = timeNs;
    return row;
  }

  /** The number of rows up to and including time `timeNs`. */
  countUntil(timeNs: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeNs[middle]! <= timeNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first `rows` rows, not copied. */
  head(rows: number): TransitionBatch {
    const { timeNs, goid, pid, tid, cpu, p, from, to, reason, waker, wakeSource, stack } = this;
    return { length: rows, timeNs, goid, pid, tid, cpu, p, from, to, reason, waker, wakeSource, stack };
  }

  /** Forgets the first `rows` rows. */
  drop(rows: number): void {
    for (const column of this.#columns) column.copyWithin(0, rows, this.length);
    this.length -= rows;
  }
}
