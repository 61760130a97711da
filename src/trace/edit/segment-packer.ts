/** Joins segments into larger ones, within what every reader accepts. */
import type { CallInfo } from '../../model/call.js';
import type { GoroutineState } from '../../model/goroutine-state.js';
import { OsScheduleList } from '../../model/os-schedule.js';
import type { FrameInfo, StackInfo } from '../../model/stack.js';
import type { Gap, GoroutineInfo } from '../../model/trace-facts.js';
import type { SegmentDetails, TraceSegment } from '../../model/trace-segment.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import { MAXIMUM_LISTED } from '../detail-tables.js';
import { labelKeys, MAXIMUM_LABEL_KEYS } from '../label-columns.js';
import { TransitionColumns } from '../transition-columns.js';

/** Readers refuse a table of more rows (docs/format.md, "Hostile files"). */
export const MAXIMUM_PACKED_ROWS = 1 << 20;
/** Of the tables besides: their text counts in the 64 MiB that a table may unpack to. */
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

/** What a segment says besides rows. */
class Facts {
  readonly goroutines: GoroutineInfo[] = [];
  readonly gaps: Gap[] = [];
  readonly states: GoroutineState[] = [];
  readonly frames: FrameInfo[] = [];
  readonly stacks: StackInfo[] = [];
  readonly calls: CallInfo[] = [];
  readonly osSchedule = new OsScheduleList();
  /** Frames of all stacks. */
  #listed = 0;
  readonly #labelKeys = new Set<string>();

  get isEmpty(): boolean {
    return this.#rows + this.osSchedule.length === 0;
  }

  /** True when all that `segment` says besides rows can stand in one segment with this. */
  hasRoomFor(segment: Segment): boolean {
    const { goroutines, gaps, states = [], frames = [], stacks = [], calls = [], osSchedule } = segment;
    const more = goroutines.length + gaps.length + states.length + frames.length + stacks.length + calls.length;
    if (this.#rows + more > MAXIMUM_FACTS) return false;
    if (this.#listed + listed(stacks) > MAXIMUM_LISTED) return false;
    if (this.osSchedule.length + (osSchedule?.length ?? 0) > MAXIMUM_PACKED_ROWS) return false;
    const newKeys = [...labelKeys(goroutines)].filter((key) => !this.#labelKeys.has(key));
    return this.#labelKeys.size + newKeys.length <= MAXIMUM_LABEL_KEYS || this.#labelKeys.size === 0;
  }

  add({ goroutines, gaps, states = [], frames = [], stacks = [], calls = [], osSchedule }: Segment): void {
    for (const key of labelKeys(goroutines)) this.#labelKeys.add(key);
    this.#listed += listed(stacks);
    for (const row of goroutines) this.goroutines.push(row);
    for (const row of gaps) this.gaps.push(row);
    for (const row of states) this.states.push(row);
    for (const row of frames) this.frames.push(row);
    for (const row of stacks) this.stacks.push(row);
    for (const row of calls) this.calls.push(row);
    if (osSchedule !== undefined) this.osSchedule.append(osSchedule);
  }

  get #rows(): number {
    const { goroutines, gaps, states, frames, stacks, calls } = this;
    return goroutines.length + gaps.length + states.length + frames.length + stacks.length + calls.length;
  }
}

function listed(stacks: readonly StackInfo[]): number {
  return stacks.reduce((sum, { frames }) => sum + frames.length, 0);
}

export class SegmentPacker {
  readonly #rows = new TransitionColumns();
  readonly #maximumRows: number;
  readonly #write: (segment: Segment) => void;
  #facts = new Facts();
  #after: TransitionBatch | undefined;

  /** @param write gets each segment; its columns are used again when it returns */
  constructor(maximumRows: number, write: (segment: Segment) => void) {
    this.#maximumRows = Math.min(maximumRows, MAXIMUM_PACKED_ROWS);
    this.#write = write;
    this.#rows.reserve(this.#maximumRows);
    this.#rows.length = 0;
  }

  add(segment: Segment): void {
    const { transitions, after } = segment;
    // Of two tables `after` the second may be too far behind the first, or too long.
    if (!this.#facts.hasRoomFor(segment) || (after !== undefined && this.#after !== undefined)) this.flush();
    this.#facts.add(segment);
    for (let from = 0; from < transitions.length; ) {
      if (this.#rows.length === this.#maximumRows || !this.#mayFollow(transitions.timeNs[from]!)) this.flush();
      from = this.#take(transitions, from);
    }
    if (after !== undefined) this.#after = after;
  }

  /** Writes what was gathered, if anything. */
  flush(): void {
    const [facts, after] = [this.#facts, this.#after];
    if (this.#rows.length === 0 && facts.isEmpty && after === undefined) return;
    const { goroutines, gaps, states, frames, stacks, calls, osSchedule } = facts;
    const details: SegmentDetails = { frames, stacks, calls, osSchedule };
    this.#write({ transitions: this.#rows, goroutines, gaps, states, after, ...details });
    this.#rows.length = 0;
    this.#facts = new Facts();
    this.#after = undefined;
  }

  /** In one segment. Time that goes back, as in an unsound trace, goes back between segments. */
  #mayFollow(timeNs: number): boolean {
    const { length, timeNs: times } = this.#rows;
    const dt = length > 0 ? timeNs - times[length - 1]! : 0;
    return dt >= 0 && dt <= MAXIMUM_DT_NS;
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
