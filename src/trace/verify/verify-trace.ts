/**
 * Is a trace file sound? Every entry is read once, the gaps beforehand, because one may stand behind what it explains.
 * Holds one segment and a few words for each goroutine.
 */
import type { ByteSource } from '../../base/byte-source.js';
import { type Gap, losesTransitions, type SegmentIndex, type TraceSummary } from '../../model/trace-facts.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import { type ArchiveEntry, readArchive } from '../archive-reader.js';
import { parseTableEntry, SUMMARY_ENTRY } from '../entry-names.js';
import { ChainCheck, type ChainCounts } from './chain-check.js';
import { checkContainer } from './container-check.js';
import { DetailCheck, type DetailCounts } from './detail-check.js';
import { type FactProblem, gapProblems, goroutineProblems, MAXIMUM_NS } from './fact-check.js';
import { GapCover } from './gap-cover.js';
import { type Problem, type ProblemKind, ProblemList } from './problems.js';
import { type SegmentEntries, segmentsOf } from './segment-list.js';
import { checkSummary } from './summary-check.js';
import { TraceReading } from './trace-reading.js';

export interface VerifyReport {
  /** The first of each kind. */
  readonly problems: readonly Problem[];
  readonly problemCounts: Readonly<Partial<Record<ProblemKind, number>>>;
  readonly counts: VerifyCounts;
  /** What `repair` could not keep; empty for a trace as it was recorded. */
  readonly repaired: readonly string[];
}

export interface VerifyCounts extends ChainCounts, DetailCounts {
  readonly entries: number;
  readonly bytes: number;
  readonly segments: number;
  readonly transitions: number;
  readonly gaps: number;
  readonly lost: number;
  /** What was lost of calls, OS schedules and the like. */
  readonly lostDetails: number;
  /** Goroutines with rows but without an entry in a table of goroutines; a problem unless the trace was repaired. */
  readonly undefined: number;
}

/** A probe takes the time of an event and may be delayed before the recorder's own clock is read. */
const END_SLACK_NS = 10e6;

/** @throws UserError when it is no trace, or one of a newer version */
export function verifyTrace(source: ByteSource): VerifyReport {
  const problems = new ProblemList();
  const { entries, damage } = readArchive(source);
  for (const found of damage) problems.add({ kind: 'archive', entry: '', found, expected: 'a complete ZIP archive' });
  if (damage.length === 0) checkContainer(source, entries, problems);
  return new Verification(source, entries, problems).run();
}

class Verification {
  readonly #source: ByteSource;
  readonly #entries: readonly ArchiveEntry[];
  readonly #problems: ProblemList;
  readonly #reading: TraceReading;
  readonly #summary: TraceSummary | undefined;
  readonly #endNs: number;
  /** Of a part of a trace, gaps and goroutines may reach beyond it. */
  readonly #factsEndNs: number;
  readonly #gaps = new GapCover();
  readonly #chains: ChainCheck;
  readonly #details = new DetailCheck();
  readonly #index: (SegmentIndex | undefined)[] = [];
  readonly #lostByEntry = new Map<string, number>();
  #totals = { transitions: 0, goroutines: 0, gaps: 0, lost: 0, lostDetails: 0 };
  #lastNs = 0;

  constructor(source: ByteSource, entries: readonly ArchiveEntry[], problems: ProblemList) {
    this.#source = source;
    this.#entries = entries;
    this.#problems = problems;
    this.#reading = new TraceReading(source, entries, ({ name }, found) =>
      problems.add({ kind: parseTableEntry(name) ? 'table' : 'entry', entry: name, found, expected: 'sound bytes' }),
    );
    this.#summary = this.#reading.summary();
    if (this.#reading.find(SUMMARY_ENTRY) === undefined) this.#wrong('summary', SUMMARY_ENTRY, 'none', 'a summary');
    this.#endNs = this.#recordingEnd();
    this.#factsEndNs = this.#reading.facts.window === undefined ? this.#endNs : MAXIMUM_NS;
    this.#chains = new ChainCheck(this.#gaps, (entry, { row, goid, before, after }) =>
      this.#wrong('state', entry, `goroutine ${goid} from ${after}`, `from ${before}, where its last row left it`, row),
    );
  }

  run(): VerifyReport {
    const segments = segmentsOf(this.#entries);
    for (const { tables } of segments) this.#readGaps(tables.gaps);
    for (const [i, segment] of segments.entries()) {
      // A number that is left out means nothing in a trace that was cut; its rows are missing all the same.
      if (i > 0 && segment.number !== segments[i - 1]!.number + 1) this.#chains.interrupt();
      this.#index.push(this.#readSegment(segment));
    }
    this.#checkOthers();
    const undefinedGoroutines = this.#checkGoroutines();
    if (this.#summary !== undefined)
      checkSummary(this.#summary, { ...this.#totals, index: this.#index }, this.#problems);
    return {
      problems: this.#problems.shown,
      problemCounts: this.#problems.counts,
      repaired: this.#summary?.repaired ?? [],
      counts: {
        entries: this.#entries.length,
        bytes: this.#source.size,
        segments: segments.length,
        transitions: this.#totals.transitions,
        gaps: this.#totals.gaps,
        lost: this.#totals.lost,
        lostDetails: this.#totals.lostDetails,
        undefined: undefinedGoroutines,
        ...this.#chains.counts,
        ...this.#details.counts,
      },
    };
  }

  #recordingEnd(): number {
    if (this.#summary === undefined) return MAXIMUM_NS;
    const { end } = this.#summary;
    const endNs = Number(BigInt(end.monotonicNs) - BigInt(this.#reading.facts.start.monotonicNs));
    if (endNs >= 0 && endNs <= MAXIMUM_NS) return endNs + END_SLACK_NS;
    this.#wrong('summary', SUMMARY_ENTRY, `an end ${endNs} ns after the start`, `0 to ${MAXIMUM_NS} ns`);
    return MAXIMUM_NS;
  }

  #readGaps(entry: ArchiveEntry | undefined): void {
    const gaps = this.#reading.gaps(entry);
    if (entry === undefined || gaps === undefined) return;
    this.#addFacts('gap', entry, gapProblems(gaps, this.#factsEndNs));
    this.#gaps.add(gaps);
    const ofTransitions = gaps.filter(losesTransitions);
    const lost = sumOf(ofTransitions);
    this.#lostByEntry.set(entry.name, lost);
    this.#totals.gaps += ofTransitions.length;
    this.#totals.lostDetails += sumOf(gaps) - lost;
    this.#totals.lost += lost;
  }

  #readSegment({ number, tables }: SegmentEntries): SegmentIndex | undefined {
    const goroutines = this.#reading.goroutines(tables.goroutines);
    if (tables.goroutines !== undefined && goroutines !== undefined) {
      this.#addFacts('goroutine', tables.goroutines, goroutineProblems(goroutines, this.#factsEndNs));
      this.#chains.define(goroutines);
      this.#totals.goroutines += goroutines.length;
    }
    this.#readDetails(tables);
    if (tables.transitions === undefined)
      this.#wrong('table', `segment ${number}`, 'no transitions', 'a table of them');
    const rows = this.#reading.transitions(tables.transitions);
    if (tables.transitions === undefined || rows === undefined) {
      this.#chains.interrupt();
      return undefined;
    }
    this.#checkTimes(rows, tables.transitions.name);
    this.#chains.rows(rows, tables.transitions.name);
    this.#useStacks(tables.transitions, rows.stack, rows.length);
    this.#totals.transitions += rows.length;
    const hasRows = rows.length > 0;
    return {
      firstNs: hasRows ? rows.timeNs[0]! : 0,
      lastNs: hasRows ? rows.timeNs[rows.length - 1]! : 0,
      rows: rows.length,
      lost: this.#lostByEntry.get(tables.gaps?.name ?? '') ?? 0,
    };
  }

  #readDetails({ functions, stacks, calls, sched, states, after }: SegmentEntries['tables']): void {
    const check = this.#details;
    const read = <T>(
      kind: ProblemKind,
      entry: ArchiveEntry | undefined,
      table: T | undefined,
      problemsOf: (table: T) => readonly FactProblem[],
    ) => {
      if (entry !== undefined && table !== undefined) this.#addFacts(kind, entry, problemsOf(table));
    };
    read('stack', functions, this.#reading.frames(functions), (rows) => {
      const problems = check.frameProblems(rows);
      check.addFrames(rows);
      return problems;
    });
    read('stack', stacks, this.#reading.stacks(stacks), (rows) => {
      const problems = check.stackProblems(rows);
      return [...problems, ...this.#untold(check.addStacks(rows))];
    });
    read('call', calls, this.#reading.calls(calls), (rows) => {
      const problems = check.callProblems(rows, this.#factsEndNs);
      check.addCalls(rows);
      return problems;
    });
    read('sched', sched, this.#reading.sched(sched), (rows) => {
      const problems = check.scheduleProblems(rows, this.#factsEndNs);
      check.addSchedule(rows);
      return problems;
    });
    const borders = this.#reading.states(states) ?? [];
    this.#useStacks(
      states,
      borders.map(({ stack }) => stack),
      borders.length,
    );
    const rowsAfter = this.#reading.transitions(after);
    this.#useStacks(after, rowsAfter?.stack ?? [], rowsAfter?.length ?? 0);
  }

  #useStacks(entry: ArchiveEntry | undefined, ids: ArrayLike<number>, length: number): void {
    const problems = this.#untold(this.#details.useStacks(ids, length));
    if (entry !== undefined) this.#addFacts('stack', entry, problems);
  }

  /** Of a trace that was repaired tables may be missing. */
  #untold(problems: readonly FactProblem[]): readonly FactProblem[] {
    return (this.#summary?.repaired ?? []).length > 0 ? [] : problems;
  }

  /** Within a segment time cannot go back: its column of differences is unsigned. */
  #checkTimes({ length, timeNs }: TransitionBatch, entry: string): void {
    if (length === 0) return;
    const [first, last] = [timeNs[0]!, timeNs[length - 1]!];
    if (first < this.#lastNs) {
      this.#wrong('time', entry, `${first} ns`, `${this.#lastNs} ns at least, where the segment before ends`, 0);
    }
    if (last > this.#endNs) this.#wrong('time', entry, `${last} ns`, `the end of the recording at most`, length - 1);
    this.#lastNs = Math.max(this.#lastNs, last);
  }

  /** Entries that are no table and have not been read yet: their CRC. */
  #checkOthers(): void {
    for (const entry of this.#entries) {
      this.#reading.rest(entry);
    }
  }

  #checkGoroutines(): number {
    const isRepaired = (this.#summary?.repaired ?? []).length > 0;
    let count = 0;
    for (const { goid, entry } of this.#chains.undefinedGoroutines()) {
      count++;
      if (!isRepaired) this.#wrong('goroutine', entry, `goroutine ${goid}`, 'a row for it in a table of goroutines');
    }
    return count;
  }

  #addFacts(kind: ProblemKind, { name }: ArchiveEntry, found: readonly FactProblem[]): void {
    for (const problem of found) this.#problems.add({ kind, entry: name, ...problem });
  }

  #wrong(kind: ProblemKind, entry: string, found: string, expected: string, row?: number): void {
    this.#problems.add({ kind, entry, found, expected, ...(row === undefined ? {} : { row }) });
  }
}

function sumOf(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { lost }) => sum + lost, 0);
}
