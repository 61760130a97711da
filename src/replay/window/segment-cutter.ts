/** The steps of `window-source.ts`, segment by segment. */
import type { SpanSink } from '../../model/span-sink.js';
import type { Gap, GoroutineInfo } from '../../model/trace-facts.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { TraceWindow } from '../../model/trace-window.js';
import { sliceRows, type TransitionBatch } from '../../model/transition-batch.js';
import { GoroutineTable } from '../goroutine-table.js';
import { Replay } from '../replay.js';
import { DetailCutter } from './detail-cutter.js';
import { type Introductions, KnownGoroutines } from './known-goroutines.js';
import { RowList } from './row-list.js';
import { RowsAfter } from './rows-after.js';

export type IsWanted = ((pid: number, goid: number) => boolean) | undefined;

export interface WindowPart extends Omit<TraceSegment, 'index'> {
  /** Number of the segment in the source that this one is made of; -1 for none. */
  readonly sourceIndex: number;
  /** Tables that are the source's own, row for row. */
  readonly unchanged: ReadonlySet<'transitions' | 'goroutines' | 'gaps'>;
}

/** Rows of the tables that one segment may hold. */
const MAXIMUM_ROWS = 65_536;
const NOTHING: SpanSink = { begin() {}, span() {}, systemStack() {}, end() {} };
const NO_ROWS = new RowList();
const ADDED = { transitions: NO_ROWS, goroutines: [], gaps: [], sourceIndex: -1, unchanged: new Set<never>() };

export class SegmentCutter {
  readonly #window: TraceWindow;
  readonly #isWanted: IsWanted;
  readonly #goroutines = new GoroutineTable();
  readonly #replay: Replay;
  readonly #known: KnownGoroutines;
  readonly #after: RowsAfter;
  readonly #details: DetailCutter;
  readonly #wantedRows = new RowList();
  #begun = false;
  #ended = false;
  #gaps: Gap[] = [];
  /** Labels of within the window that no segment of the cut has told yet. */
  #labels: GoroutineInfo[] = [];

  constructor(reasons: readonly string[], window: TraceWindow, isWanted: IsWanted) {
    this.#window = window;
    this.#isWanted = isWanted;
    this.#replay = new Replay(reasons, this.#goroutines, NOTHING);
    this.#known = new KnownGoroutines(this.#goroutines, this.#replay, window.toNs, isWanted);
    this.#after = new RowsAfter(this.#goroutines, this.#replay, this.#known, window);
    this.#details = new DetailCutter(window, isWanted);
  }

  /** What a segment of the source becomes. Its rows are views of the source's. */
  *take(source: TraceSegment): Iterable<WindowPart> {
    const segment = this.#isWanted === undefined ? source : this.#wantedOf(source, this.#isWanted);
    const { timeNs, length } = segment.transitions;
    const from = this.#begun ? 0 : firstFrom(timeNs, 0, length, this.#window.fromNs);
    const to = this.#ended ? 0 : firstFrom(timeNs, from, length, this.#window.toNs);
    for (const gap of source.gaps) if (this.#overlaps(gap)) this.#gaps.push(gap);
    this.#details.learn(source);
    for (const info of source.goroutines) if (this.#isRelabelled(info)) this.#labels.push(info);
    const goroutines = source.goroutines.filter(
      ({ origin, firstSeenNs }) => origin !== 'relabelled' || firstSeenNs < this.#window.fromNs,
    );
    this.#replayRows({ ...segment, goroutines }, 0, this.#begun ? 0 : from);
    if (!this.#begun && from < length) {
      this.#begun = true;
      yield* this.#withDetails(this.#border());
    }
    if (this.#begun && !this.#ended) yield* this.#withDetails(this.#inside(source, segment, from, to));
    if (to < length) this.#ended = true;
    if (this.#ended) this.#after.look(segment.transitions, to);
    if (segment.after !== undefined) this.#after.look(segment.after, 0);
    if (this.#begun && this.#details.isMuch) yield { ...ADDED, ...this.#details.rest() };
  }

  /** What is known only now. */
  *finish(): Iterable<WindowPart> {
    this.#details.finish();
    if (!this.#begun) yield* this.#withDetails(this.#border());
    const said = newIntroductions();
    const after = this.#after.choose(said);
    this.#known.describeLate(said);
    for (const info of this.#labels.splice(0)) this.#relabel(info, said);
    yield* this.#withDetails(inChunks(said, this.#gaps.splice(0)));
    if (after.length > 0) yield* this.#withDetails([{ ...ADDED, after }]);
    const rest = this.#details.rest();
    if (Object.keys(rest).length > 0) yield { ...ADDED, ...rest };
  }

  *#withDetails(parts: Iterable<WindowPart>): Iterable<WindowPart> {
    for (const part of parts) yield { ...part, ...this.#details.tell(part) };
  }

  /** True for labels that a goroutine gets within the window. */
  #isRelabelled({ origin, firstSeenNs }: GoroutineInfo): boolean {
    return origin === 'relabelled' && firstSeenNs >= this.#window.fromNs && firstSeenNs < this.#window.toNs;
  }

  /** The states of all that live when the window begins, and who may have lived unseen until then. */
  *#border(): Iterable<WindowPart> {
    const said = newIntroductions();
    for (let g = 0; g < this.#goroutines.size; g++) {
      if (this.#livesInWindow(g)) this.#known.introduceOnce(g, said);
      else this.#known.passOn(g, said);
    }
    yield* inChunks(said, this.#gaps.splice(0));
  }

  *#inside(source: TraceSegment, segment: TraceSegment, from: number, to: number): Iterable<WindowPart> {
    const transitions = sliceRows(segment.transitions, from, to);
    const isWhole = segment === source && transitions === source.transitions;
    const said = newIntroductions();
    for (const info of segment.goroutines) if (info.origin !== 'relabelled') this.#introduce(info, said);
    for (const info of this.#labels.splice(0)) this.#relabel(info, said);
    this.#introduceAll(transitions, said);
    const { states, goroutines } = said;
    const gaps = this.#gaps.splice(0);
    const unchanged = new Set<'transitions' | 'goroutines' | 'gaps'>();
    if (isWhole) unchanged.add('transitions');
    if (isWhole && isSame(goroutines, source.goroutines)) unchanged.add('goroutines');
    if (isWhole && isSame(gaps, source.gaps)) unchanged.add('gaps');
    const isEmpty = transitions.length + states.length + goroutines.length + gaps.length === 0;
    if (!isEmpty) yield { transitions, goroutines, gaps, states, sourceIndex: source.index, unchanged };
    this.#replayRows({ ...segment, goroutines: [] }, from, to);
  }

  #introduce({ pid, goid }: GoroutineInfo, said: Introductions): void {
    const g = goid === 0 ? -1 : this.#goroutines.indexOf(pid, goid);
    // Some may have died before the window, or be born behind it.
    if (g >= 0 && this.#livesInWindow(g)) this.#known.describe(g, said);
    else if (g >= 0) this.#known.passOn(g, said);
  }

  #relabel(info: GoroutineInfo, said: Introductions): void {
    const g = info.goid === 0 ? -1 : this.#goroutines.indexOf(info.pid, info.goid);
    if (g < 0 || !this.#livesInWindow(g)) return;
    this.#known.describe(g, said);
    said.goroutines.push(info);
    this.#goroutines.addInfo(info);
  }

  /** As far as is known by now. */
  #livesInWindow(g: number): boolean {
    if (this.#known.isIntroduced(g) || this.#replay.isAlive(g)) return true;
    return this.#replay.stateOf(g) === undefined && this.#known.mayLive(g);
  }

  /** Says what has to be said before these rows. */
  #introduceAll({ length, pid, goid, waker }: TransitionBatch, said: Introductions): void {
    const mayNameOthers = this.#isWanted !== undefined;
    for (let row = 0; row < length; row++) {
      if (goid[row] === 0) continue;
      this.#known.introduceOnce(this.#goroutines.indexOf(pid[row]!, goid[row]!), said);
      if (mayNameOthers) this.#known.refer(pid[row]!, waker[row]!, said);
    }
  }

  #replayRows({ index, goroutines, states, transitions }: TraceSegment, from: number, to: number): void {
    this.#replay.segment({ index, transitions: sliceRows(transitions, from, to), goroutines, gaps: [], states });
  }

  #wantedOf(segment: TraceSegment, isWanted: NonNullable<IsWanted>): TraceSegment {
    const { transitions, states, after } = segment;
    return {
      ...segment,
      transitions: chosenRows(transitions, isWanted, this.#wantedRows),
      states: states?.filter(({ pid, goid }) => isWanted(pid, goid)),
      after: after && chosenRows(after, isWanted, new RowList()),
    };
  }

  #overlaps({ fromNs, toNs }: Gap): boolean {
    return fromNs < this.#window.toNs && toNs >= this.#window.fromNs;
  }
}

/** The first row at `timeNs` or later: as rows never go back, all behind it are too. */
function firstFrom(times: Float64Array, from: number, length: number, timeNs: number): number {
  let row = from;
  while (row < length && times[row]! < timeNs) row++;
  return row;
}

function chosenRows(batch: TransitionBatch, isWanted: NonNullable<IsWanted>, into: RowList): RowList {
  into.length = 0;
  for (let row = 0; row < batch.length; row++) {
    if (batch.goid[row] !== 0 && isWanted(batch.pid[row]!, batch.goid[row]!)) into.add(batch, row);
  }
  return into;
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function newIntroductions(): Introductions {
  return { states: [], goroutines: [] };
}

/** Segments without rows; none for nothing. */
function* inChunks({ states, goroutines }: Introductions, gaps: readonly Gap[]): Iterable<WindowPart> {
  const rows = Math.max(states.length, goroutines.length, gaps.length);
  for (let from = 0; from < rows; from += MAXIMUM_ROWS) {
    const chunk = <T>(all: readonly T[]) => all.slice(from, from + MAXIMUM_ROWS);
    yield { ...ADDED, states: chunk(states), goroutines: chunk(goroutines), gaps: chunk(gaps) };
  }
}
