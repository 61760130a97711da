/** Which tables of a trace can be kept, segment by segment, and what is missing where one cannot. */
import { type Gap, losesTransitions } from '../../model/trace-facts.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import type { ArchiveEntry } from '../archive-reader.js';
import type { TableName } from '../entry-names.js';
import { ChainCheck } from '../verify/chain-check.js';
import { DetailCheck } from '../verify/detail-check.js';
import { type FactProblem, gapProblems, goroutineProblems, MAXIMUM_NS } from '../verify/fact-check.js';
import { GapCover } from '../verify/gap-cover.js';
import { type SegmentEntries, segmentsOf } from '../verify/segment-list.js';
import type { TraceReading } from '../verify/trace-reading.js';

/** A segment as it can be kept. */
export interface JudgedSegment {
  readonly number: number;
  readonly hasEntries: boolean;
  /** False where its rows are missing. */
  readonly hasRows: boolean;
  readonly rows: number;
  readonly firstNs: number;
  readonly lastNs: number;
  readonly goroutines: number;
  readonly gaps: readonly Gap[];
  /** Its table of gaps was there, and cannot be kept. */
  readonly lostGaps: boolean;
}

export interface JudgedTrace {
  readonly segments: readonly JudgedSegment[];
  /** Changes of state that are missing, and no gap says so. */
  readonly unexplained: readonly Gap[];
  /** Goroutines with rows that no table defines. */
  readonly nameless: number;
  /** Stacks and frames that are named, and no table tells them. */
  readonly untold: number;
  /** Where a table of calls or of an OS schedule was, and cannot be kept. */
  readonly lostDetails: readonly Gap[];
  /** Latest time in any table that is kept. */
  readonly lastNs: number;
}

/** The index of a summary counts the losses of a segment in 32 bits. */
const MAXIMUM_LOST = 2 ** 32 - 1;
const MAXIMUM_UNEXPLAINED = 10_000;
export const UNEXPLAINED = 'unexplained';
/** The `why` of gaps that repair makes; the reader gives the same to what it leaves out itself. */
export const DAMAGED = 'damaged file';

/** @param drop is told of each entry that cannot be kept, and why */
export function judgeSegments(
  reading: TraceReading,
  entries: readonly ArchiveEntry[],
  drop: (entry: ArchiveEntry, why: string) => void,
): JudgedTrace {
  return new Judge(reading, drop).run(segmentsOf(entries));
}

class Judge {
  readonly #reading: TraceReading;
  readonly #drop: (entry: ArchiveEntry, why: string) => void;
  readonly #limitNs: number;
  readonly #cover = new GapCover();
  readonly #unexplained: Gap[] = [];
  readonly #chains = new ChainCheck(this.#cover, (_entry, { fromNs, toNs }) => this.#explain(fromNs, toNs));
  readonly #details = new DetailCheck();
  readonly #lostDetails: Gap[] = [];
  readonly #gapsByEntry = new Map<ArchiveEntry, readonly Gap[]>();
  #lastRowNs = 0;
  #lastNs = 0;

  constructor(reading: TraceReading, drop: (entry: ArchiveEntry, why: string) => void) {
    this.#reading = reading;
    this.#drop = drop;
    // The end of the recording must fit into the clock's 64 bits.
    this.#limitNs = Math.min(MAXIMUM_NS, Number(2n ** 64n - 1n - BigInt(reading.facts.start.monotonicNs)));
  }

  run(segments: readonly SegmentEntries[]): JudgedTrace {
    for (const { tables } of segments) this.#readGaps(tables.gaps);
    const judged = segments.map((segment, i) => {
      if (i > 0 && segment.number !== segments[i - 1]!.number + 1) this.#chains.interrupt();
      return this.#judge(segment);
    });
    const nameless = [...this.#chains.undefinedGoroutines()].length;
    const { untold } = this.#details.counts;
    const lostDetails = this.#lostDetails.map((gap) => ({ ...gap, toNs: Math.max(gap.toNs, gap.fromNs) }));
    return { segments: judged, unexplained: this.#unexplained, nameless, untold, lostDetails, lastNs: this.#lastNs };
  }

  #readGaps(entry: ArchiveEntry | undefined): void {
    const gaps = this.#reading.gaps(entry);
    if (entry === undefined || gaps === undefined) return;
    const lost = gaps.filter(losesTransitions).reduce((sum, gap) => sum + gap.lost, 0);
    if (lost > MAXIMUM_LOST) this.#drop(entry, `${lost} events lost, expected ${MAXIMUM_LOST} at most`);
    else if (this.#holds(entry, gapProblems(gaps, this.#limitNs))) {
      this.#cover.add(gaps);
      this.#gapsByEntry.set(entry, gaps);
      for (const { toNs } of gaps) this.#knowFact(toNs);
    }
  }

  #judge({ number, tables }: SegmentEntries): JudgedSegment {
    const gaps = tables.gaps && this.#gapsByEntry.get(tables.gaps);
    const goroutines = this.#judgeGoroutines(tables.goroutines);
    const beforeNs = this.#lastRowNs;
    this.#judgeStacks(tables);
    const batch = this.#judgeRows(tables.transitions);
    if (batch === undefined) this.#chains.interrupt();
    else if (batch.length > 0) this.#lastRowNs = batch.timeNs[batch.length - 1]!;
    this.#lastNs = Math.max(this.#lastNs, this.#lastRowNs);
    this.#judgeCalls(tables.calls, beforeNs);
    this.#judgeSchedule(tables.sched, beforeNs);
    const rows = batch?.length ?? 0;
    return {
      number,
      hasEntries: keeps(tables, { gaps, goroutines, batch }),
      hasRows: batch !== undefined,
      rows,
      firstNs: rows > 0 ? batch!.timeNs[0]! : 0,
      lastNs: rows > 0 ? this.#lastRowNs : 0,
      goroutines: goroutines ?? 0,
      gaps: gaps ?? [],
      lostGaps: tables.gaps !== undefined && gaps === undefined,
    };
  }

  #judgeGoroutines(entry: ArchiveEntry | undefined): number | undefined {
    const goroutines = this.#reading.goroutines(entry);
    if (entry === undefined || goroutines === undefined) return undefined;
    if (!this.#holds(entry, goroutineProblems(goroutines, this.#limitNs))) return undefined;
    this.#chains.define(goroutines);
    for (const { firstSeenNs } of goroutines) this.#knowFact(firstSeenNs);
    return goroutines.length;
  }

  #judgeStacks({ functions, stacks, states, after }: SegmentEntries['tables']): void {
    const frames = this.#reading.frames(functions);
    if (functions !== undefined && frames !== undefined && this.#holds(functions, this.#details.frameProblems(frames)))
      this.#details.addFrames(frames);
    const told = this.#reading.stacks(stacks);
    if (stacks !== undefined && told !== undefined && this.#holds(stacks, this.#details.stackProblems(told)))
      this.#details.addStacks(told);
    const borders = this.#reading.states(states) ?? [];
    this.#details.useStacks(
      borders.map(({ stack }) => stack),
      borders.length,
    );
    const rows = this.#reading.transitions(after);
    if (rows !== undefined) this.#details.useStacks(rows.stack, rows.length);
  }

  #judgeCalls(entry: ArchiveEntry | undefined, beforeNs: number): void {
    if (entry === undefined) return;
    const calls = this.#reading.calls(entry);
    if (calls !== undefined && this.#holds(entry, this.#details.callProblems(calls, this.#limitNs))) {
      this.#details.addCalls(calls);
      for (const { endNs } of calls) this.#knowFact(endNs);
    } else this.#loseDetails('calls', beforeNs);
  }

  #judgeSchedule(entry: ArchiveEntry | undefined, beforeNs: number): void {
    if (entry === undefined) return;
    const rows = this.#reading.sched(entry);
    if (rows !== undefined && this.#holds(entry, this.#details.scheduleProblems(rows, this.#limitNs))) {
      this.#details.addSchedule(rows);
      if (rows.length > 0) this.#knowFact(rows.timeNs[rows.length - 1]!);
    } else this.#loseDetails('osSchedule', beforeNs);
  }

  /** Nobody knows how much it was: from the rows before to those of its own segment, at least. */
  #loseDetails(stream: string, fromNs: number): void {
    if (this.#lostDetails.length >= MAXIMUM_UNEXPLAINED) return;
    this.#lostDetails.push({ fromNs, toNs: this.#lastRowNs, lost: 0, why: DAMAGED, stream });
  }

  #judgeRows(entry: ArchiveEntry | undefined): TransitionBatch | undefined {
    const batch = this.#reading.transitions(entry);
    if (entry === undefined || batch === undefined || batch.length === 0) return batch;
    const [first, last] = [batch.timeNs[0]!, batch.timeNs[batch.length - 1]!];
    if (first < this.#lastRowNs || last > this.#limitNs) {
      this.#drop(entry, `its rows are from ${first} to ${last} ns, expected ${this.#lastRowNs} to ${this.#limitNs}`);
      return undefined;
    }
    this.#chains.rows(batch, entry.name);
    this.#details.useStacks(batch.stack, batch.length);
    return batch;
  }

  /** Gaps and goroutines of a part of a trace may reach beyond its end. */
  #knowFact(timeNs: number): void {
    if (this.#reading.facts.window === undefined) this.#lastNs = Math.max(this.#lastNs, timeNs);
  }

  #holds(entry: ArchiveEntry, [problem]: readonly FactProblem[]): boolean {
    if (problem === undefined) return true;
    this.#drop(entry, `row ${problem.row}: ${problem.found}, expected ${problem.expected}`);
    return false;
  }

  #explain(fromNs: number, toNs: number): void {
    const last = this.#unexplained.at(-1);
    if (last !== undefined && this.#unexplained.length >= MAXIMUM_UNEXPLAINED) {
      const wider = { ...last, fromNs: Math.min(last.fromNs, fromNs), toNs: Math.max(last.toNs, toNs) };
      this.#unexplained[this.#unexplained.length - 1] = wider;
    } else this.#unexplained.push({ fromNs, toNs, lost: 0, why: UNEXPLAINED });
  }
}

/** True when any entry of the segment stays: those of tables that are not known here do. */
function keeps(
  tables: SegmentEntries['tables'],
  kept: { readonly gaps: unknown; readonly goroutines: unknown; readonly batch: unknown },
): boolean {
  const judged: readonly TableName[] = ['gaps', 'goroutines', 'transitions'];
  const hasOther = Object.keys(tables).some((table) => !judged.some((each) => each === table));
  return hasOther || kept.gaps !== undefined || kept.goroutines !== undefined || kept.batch !== undefined;
}
