/** Where a trace that is being merged stands: one segment, in the times, process ids and reasons of the merged trace. */
import type { FrameInfo, StackInfo } from '../../model/stack.js';
import type { Gap, GoroutineInfo } from '../../model/trace-facts.js';
import type { SegmentDetails, TraceSegment } from '../../model/trace-segment.js';
import { NO_STACK, type TransitionBatch } from '../../model/transition-batch.js';
import type { ReasonList } from '../reason-list.js';
import type { Placed } from './merge-clocks.js';
import { type MergedStacks, SourceStacks } from './merge-stacks.js';

/** What a segment says besides rows. Details are merged on their own: stacks as soon as they are loaded, the rest by `merge-details.ts`. */
export type SegmentFacts = Omit<TraceSegment, 'index' | 'transitions' | keyof SegmentDetails>;

/** What all sources number together. */
export interface MergedIds {
  readonly reasons: ReasonList;
  readonly stacks: MergedStacks;
}

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
  readonly #stacks: SourceStacks;
  readonly #newFrames: FrameInfo[] = [];
  readonly #newStacks: StackInfo[] = [];

  constructor(rank: number, input: Placed, pids: ReadonlyMap<number, number>, shared: MergedIds) {
    this.rank = rank;
    this.input = input;
    this.#pids = pids;
    this.#reasons = shared.reasons;
    this.#stacks = new SourceStacks(shared.stacks);
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
      for (const frame of this.#stacks.newFrames(value.frames ?? [])) this.#newFrames.push(frame);
      for (const stack of this.#stacks.newStacks(value.stacks ?? [])) this.#newStacks.push(stack);
      this.#translate(value.transitions);
      if (value.after !== undefined) this.#translate(value.after);
      this.#facts.push(this.#translateFacts(value));
      if (value.transitions.length > 0) return true;
    }
  }

  /** What was loaded of stacks. Other traces may name the same ones: to be told at once. */
  takeStacks(): { readonly frames: FrameInfo[]; readonly stacks: StackInfo[] } {
    return { frames: this.#newFrames.splice(0), stacks: this.#newStacks.splice(0) };
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
  #translate({ length, timeNs, pid, reason, stack }: TransitionBatch): void {
    const { offsetNs, trace } = this.input;
    const reasons = Uint16Array.from(trace.reasons, (text) => this.#reasons.numberOf(text));
    for (let row = 0; row < length; row++) {
      // A file whose time goes back is put in order: rows count as if they had happened with the one before.
      this.#lastNs = Math.max(this.#lastNs, timeNs[row]! + offsetNs);
      timeNs[row] = this.#lastNs;
      reason[row] = reasons[reason[row]!]!;
      pid[row] = this.#pidOf(pid[row]!);
      if (stack[row] !== NO_STACK) stack[row] = this.#stacks.stackOf(stack[row]!);
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
        stack: this.#stacks.stackOf(state.stack),
      })),
      after,
    };
  }

  #pidOf(pid: number): number {
    return this.#pids.get(pid) ?? pid;
  }
}
