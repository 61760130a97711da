/** Where a trace that is being merged stands: one segment, in the times, process ids and reasons of the merged trace. */
import type { Gap, GoroutineInfo } from '../../model/trace-facts.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import type { ReasonList } from '../reason-list.js';
import type { Placed } from './merge-clocks.js';

/** What a segment says besides rows. */
export type SegmentFacts = Omit<TraceSegment, 'index' | 'transitions'>;

export class MergeCursor {
  /** In order of time; ties between traces are broken by it. */
  readonly rank: number;
  readonly input: Placed;
  row = 0;
  #segment: TraceSegment | undefined;
  /** Of the segments since the last call of {@link takeFacts}. */
  #facts: SegmentFacts[] = [];
  #lastNs = 0;
  readonly #segments: AsyncIterator<TraceSegment>;
  readonly #pids: ReadonlyMap<number, number>;
  readonly #reasons: ReasonList;

  constructor(rank: number, input: Placed, pids: ReadonlyMap<number, number>, reasons: ReasonList) {
    this.rank = rank;
    this.input = input;
    this.#pids = pids;
    this.#reasons = reasons;
    this.#segments = input.trace.segments()[Symbol.asyncIterator]();
  }

  get batch(): TransitionBatch {
    return this.#segment!.transitions;
  }

  get hasRows(): boolean {
    return this.row < (this.#segment?.transitions.length ?? 0);
  }

  /** Of the row at hand; of a trace without rows, when it begins. */
  get timeNs(): number {
    const { offsetNs, trace } = this.input;
    return this.hasRows ? this.batch.timeNs[this.row]! : offsetNs + (trace.facts.window?.fromNs ?? 0);
  }

  /** Goes to the next segment with rows. False at the end. */
  async load(): Promise<boolean> {
    this.row = 0;
    for (;;) {
      const { value, done } = await this.#segments.next();
      if (done === true) return false;
      this.#segment = value;
      this.#translate(value.transitions);
      if (value.after !== undefined) this.#translate(value.after);
      this.#facts.push(this.#translateFacts(value));
      if (value.transitions.length > 0) return true;
    }
  }

  takeFacts(): SegmentFacts[] {
    return this.#facts.splice(0);
  }

  /** The first row that comes after `other`'s, or the end of the segment. */
  rowsBefore(other: MergeCursor | undefined): number {
    const { timeNs, length } = this.batch;
    if (other === undefined) return length;
    const limit = other.timeNs;
    let row = this.row + 1;
    if (this.rank < other.rank) while (row < length && timeNs[row]! <= limit) row++;
    else while (row < length && timeNs[row]! < limit) row++;
    return row;
  }

  /** In place: the columns are the trace's own, and filled anew for each segment. */
  #translate({ length, timeNs, pid, reason }: TransitionBatch): void {
    const { offsetNs, trace } = this.input;
    const reasons = Uint16Array.from(trace.reasons, (text) => this.#reasons.numberOf(text));
    for (let row = 0; row < length; row++) {
      // A file whose time goes back is put in order: rows count as if they had happened with the one before.
      this.#lastNs = Math.max(this.#lastNs, timeNs[row]! + offsetNs);
      timeNs[row] = this.#lastNs;
      reason[row] = reasons[reason[row]!]!;
      pid[row] = this.#pidOf(pid[row]!);
    }
  }

  #translateFacts({ goroutines, gaps, states, after }: TraceSegment): SegmentFacts {
    const { offsetNs, trace } = this.input;
    const reasonOf = (number: number) => this.#reasons.numberOf(trace.reasons[number] ?? '');
    return {
      goroutines: goroutines.map(
        (info): GoroutineInfo => ({
          ...info,
          pid: this.#pidOf(info.pid),
          firstSeenNs: info.firstSeenNs + offsetNs,
        }),
      ),
      gaps: gaps.map((gap): Gap => ({ ...gap, fromNs: gap.fromNs + offsetNs, toNs: gap.toNs + offsetNs })),
      states: states?.map((state) => ({
        ...state,
        pid: this.#pidOf(state.pid),
        sinceNs: state.sinceNs + offsetNs,
        lastNs: state.lastNs + offsetNs,
        reason: reasonOf(state.reason),
        lastReason: reasonOf(state.lastReason),
      })),
      after,
    };
  }

  #pidOf(pid: number): number {
    return this.#pids.get(pid) ?? pid;
  }
}
