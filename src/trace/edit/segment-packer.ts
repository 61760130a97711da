/** Joins segments into larger ones, within what every reader accepts. */
import type { GoroutineState } from '../../model/goroutine-state.js';
import type { Gap, GoroutineInfo } from '../../model/trace-facts.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import { TransitionColumns } from '../transition-columns.js';

/** Readers refuse a table of more rows (docs/format.md, "Hostile files"). */
export const MAXIMUM_PACKED_ROWS = 1 << 20;
/** Of `states`, `goroutines` and `gaps`: their text counts in the 64 MiB that a table may unpack to. */
const MAXIMUM_FACTS = 1 << 16;
/** `dt` is a uint32: what comes later begins a segment. */
const MAXIMUM_DT_NS = 4_294_967_295;

const COLUMNS = [
  'timeNs',
  'goid',
  'pid',
  'tid',
  'cpu',
  'p',
  'from',
  'to',
  'reason',
  'waker',
  'wakeSource',
  'stack',
] as const;

type Segment = Omit<TraceSegment, 'index'>;

export class SegmentPacker {
  readonly #rows = new TransitionColumns();
  readonly #maximumRows: number;
  readonly #write: (segment: Segment) => void;
  #goroutines: GoroutineInfo[] = [];
  #gaps: Gap[] = [];
  #states: GoroutineState[] = [];
  #after: TransitionBatch | undefined;

  /** @param write gets each segment; its columns are used again when it returns */
  constructor(maximumRows: number, write: (segment: Segment) => void) {
    this.#maximumRows = Math.min(maximumRows, MAXIMUM_PACKED_ROWS);
    this.#write = write;
    this.#rows.reserve(this.#maximumRows);
    this.#rows.length = 0;
  }

  add({ transitions, goroutines, gaps, states = [], after }: Segment): void {
    const facts = goroutines.length + gaps.length + states.length;
    const held = this.#goroutines.length + this.#gaps.length + this.#states.length;
    // Of two tables `after` the second may be too far behind the first, or too long.
    if (held + facts > MAXIMUM_FACTS || (after !== undefined && this.#after !== undefined)) this.flush();
    for (const row of goroutines) this.#goroutines.push(row);
    for (const row of gaps) this.#gaps.push(row);
    for (const row of states) this.#states.push(row);
    for (let from = 0; from < transitions.length; ) {
      if (this.#rows.length === this.#maximumRows || this.#isFarBehind(transitions.timeNs[from]!)) this.flush();
      from = this.#take(transitions, from);
    }
    if (after !== undefined) this.#after = after;
  }

  /** Writes what was gathered, if anything. */
  flush(): void {
    const [goroutines, gaps, states, after] = [this.#goroutines, this.#gaps, this.#states, this.#after];
    if (this.#rows.length + goroutines.length + gaps.length + states.length === 0 && after === undefined) return;
    this.#write({ transitions: this.#rows, goroutines, gaps, states, after });
    this.#rows.length = 0;
    this.#goroutines = [];
    this.#gaps = [];
    this.#states = [];
    this.#after = undefined;
  }

  #isFarBehind(timeNs: number): boolean {
    const { length, timeNs: times } = this.#rows;
    return length > 0 && timeNs - times[length - 1]! > MAXIMUM_DT_NS;
  }

  /** Copies rows from `from` on, as many as fit. Returns the first that was not taken. */
  #take(batch: TransitionBatch, from: number): number {
    const { length } = this.#rows;
    const to = Math.min(batch.length, from + this.#maximumRows - length);
    for (const column of COLUMNS) this.#rows[column].set(batch[column].subarray(from, to), length);
    this.#rows.length = length + to - from;
    return to;
  }
}
