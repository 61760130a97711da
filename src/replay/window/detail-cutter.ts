/**
 * What a cut keeps of stacks, calls and the OS schedule.
 *
 * 1. Stacks that its rows name.
 * 2. Calls that overlap the window, with the times that they had.
 * 3. Changes of threads in the window, and of each thread the last one before it: what it did when the window begins.
 */
import type { CallInfo } from '../../model/call.js';
import { type OsScheduleBatch, OsScheduleList, OsState } from '../../model/os-schedule.js';
import type { SegmentDetails, TraceSegment } from '../../model/trace-segment.js';
import type { TraceWindow } from '../../model/trace-window.js';
import { ToldStacks } from './told-stacks.js';

const MUCH = 65_536;

export class DetailCutter {
  readonly #window: TraceWindow;
  readonly #isWanted: ((pid: number, goid: number) => boolean) | undefined;
  readonly #stacks = new ToldStacks();
  #calls: CallInfo[] = [];
  #schedule = new OsScheduleList();
  /** One row for each thread that lives before the window, in order of time; undefined once the window has begun. */
  #before: Map<string, OsScheduleList> | undefined = new Map();

  constructor(window: TraceWindow, isWanted: ((pid: number, goid: number) => boolean) | undefined) {
    this.#window = window;
    this.#isWanted = isWanted;
  }

  /** What a segment of the source tells. */
  learn(source: TraceSegment): void {
    this.#stacks.learn(source);
    const { fromNs, toNs } = this.#window;
    for (const call of source.calls ?? []) {
      const isInside = call.startNs < toNs && call.endNs >= fromNs;
      if (isInside && this.#isWanted?.(call.pid, call.goid) !== false) this.#calls.push(call);
    }
    if (source.osSchedule !== undefined) this.#learnSchedule(source.osSchedule);
  }

  /** What has to be told with this segment of the cut, and was not yet. */
  tell({ transitions, states = [], after }: Omit<TraceSegment, 'index'>): SegmentDetails {
    this.#stacks.useRows(transitions);
    for (const { stack } of states) this.#stacks.use(stack);
    if (after !== undefined) this.#stacks.useRows(after);
    return this.rest();
  }

  /** True when so much waits that it should have a segment of its own. */
  get isMuch(): boolean {
    return this.#calls.length + this.#schedule.length >= MUCH;
  }

  /** The same without a segment. */
  rest(): SegmentDetails {
    const [calls, osSchedule] = [this.#calls, this.#schedule];
    if (calls.length > 0) this.#calls = [];
    if (osSchedule.length > 0) this.#schedule = new OsScheduleList();
    return {
      ...this.#stacks.take(),
      ...(calls.length > 0 ? { calls } : {}),
      ...(osSchedule.length > 0 ? { osSchedule } : {}),
    };
  }

  /** No more segments come: a window without a change of any thread begins nevertheless. */
  finish(): void {
    this.#begin();
  }

  #learnSchedule(batch: OsScheduleBatch): void {
    const { fromNs, toNs } = this.#window;
    for (let row = 0; row < batch.length; row++) {
      const timeNs = batch.timeNs[row]!;
      if (timeNs >= toNs) continue;
      if (timeNs < fromNs) this.#remember(batch, row);
      else {
        this.#begin();
        this.#schedule.add(batch, row);
      }
    }
  }

  #remember(batch: OsScheduleBatch, row: number): void {
    const key = `${batch.pid[row]} ${batch.tid[row]}`;
    // Last in the map: it is the latest.
    this.#before?.delete(key);
    if (batch.state[row] === OsState.exited) return;
    const list = new OsScheduleList();
    list.add(batch, row);
    this.#before?.set(key, list);
  }

  #begin(): void {
    for (const list of this.#before?.values() ?? []) this.#schedule.append(list);
    this.#before = undefined;
  }
}
