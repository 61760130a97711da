/**
 * Makes a sound trace of a damaged one. Entries that are intact are copied as they are; those that are not are left out,
 * and gaps stand where their rows were. What the file cannot tell any more is said.
 */
import type { ByteSource } from '../../base/byte-source.js';
import { type Gap, losesTransitions, type SegmentIndex, type TraceSummary } from '../../model/trace-facts.js';
import { type ArchiveEntry, readEntry } from '../archive-reader.js';
import { ArchiveWriter, type ByteSink } from '../archive-writer.js';
import { HEADER_ENTRY, SUMMARY_ENTRY, segmentEntry } from '../entry-names.js';
import { encodeGaps } from '../small-tables.js';
import { encodeSummary } from '../trace-header.js';
import { TransitionColumns } from '../transition-columns.js';
import { encodeTransitions } from '../transitions-table.js';
import { ProblemList } from '../verify/problems.js';
import { checkSummary } from '../verify/summary-check.js';
import { TraceReading } from '../verify/trace-reading.js';
import { findHoles, type Hole } from './holes.js';
import { DAMAGED, type JudgedTrace, judgeSegments } from './judged-segments.js';
import { rebuildLosses, rebuildSummary } from './rebuilt-summary.js';
import { salvageEntries } from './salvage.js';

export interface RepairReport {
  /** Sentences; empty when everything is there. */
  readonly lost: readonly string[];
  readonly entries: number;
  readonly kept: number;
  readonly transitions: number;
}

const LEVEL = 3;
const MAXIMUM_NAME_BYTES = 0xffff;
/** Names of segments have nine digits at most. */
const MAXIMUM_SEGMENT = 999_999_999;
/** More say nothing new. */
const MAXIMUM_SENTENCES = 100;

/** @throws UserError when it is no trace, one of a newer version, or has no header any more */
export function repairTrace(source: ByteSource, sink: ByteSink): RepairReport {
  return new Repair(source).write(sink);
}

class Repair {
  readonly #source: ByteSource;
  readonly #lost: string[];
  readonly #entries: readonly ArchiveEntry[];
  readonly #dropped = new Set<ArchiveEntry>();
  readonly #reading: TraceReading;
  readonly #summary: TraceSummary | undefined;
  readonly #trace: JudgedTrace;
  readonly #holes: readonly Hole[];

  constructor(source: ByteSource) {
    this.#source = source;
    const { entries, lost } = salvageEntries(source);
    this.#lost = [...lost];
    this.#entries = entries.filter(uniqueNames((entry, why) => this.#drop(entry, why)));
    this.#reading = new TraceReading(source, this.#entries, (entry, why) => this.#drop(entry, why));
    this.#summary = this.#reading.summary();
    this.#trace = judgeSegments(this.#reading, this.#entries, (entry, why) => this.#drop(entry, why));
    for (const entry of this.#entries) this.#reading.rest(entry);
    this.#holes = findHoles(this.#trace, this.#summary?.index ?? [], lost.length > 0);
  }

  write(sink: ByteSink): RepairReport {
    const kept = this.#keptEntries();
    const archive = new ArchiveWriter(sink);
    for (const entry of kept) archive.add([entry.name, readEntry(this.#source, entry)]);
    const original = this.#entries.find((entry) => entry.name === SUMMARY_ENTRY);
    if (original !== undefined && this.#isUnharmed()) archive.add([SUMMARY_ENTRY, readEntry(this.#source, original)]);
    else this.#rebuild(archive);
    archive.finish();
    const transitions = this.#trace.segments.reduce((sum, { rows }) => sum + rows, 0);
    const isKept = original !== undefined && !this.#dropped.has(original);
    return {
      lost: this.#lost,
      entries: this.#entries.length,
      kept: kept.length + (isKept ? 1 : 0),
      transitions,
    };
  }

  /** Header first; the summary, which comes last, apart. Tables of gaps that get more rows are written anew. */
  #keptEntries(): ArchiveEntry[] {
    const rewritten = new Set(this.#holes.map(({ segment }) => segmentEntry('gaps', segment)));
    const kept = this.#entries.filter(
      (entry) => !this.#dropped.has(entry) && entry.name !== SUMMARY_ENTRY && !rewritten.has(entry.name),
    );
    const isHeader = ({ name }: ArchiveEntry) => Number(name === HEADER_ENTRY);
    return kept.sort((a, b) => isHeader(b) - isHeader(a));
  }

  /** Nothing is missing, and the summary agrees with the tables. */
  #isUnharmed(): boolean {
    const isWhole = this.#holes.length + this.#trace.unexplained.length + this.#lost.length === 0;
    if (this.#summary === undefined || !isWhole) return false;
    const { nameless, untold } = this.#trace;
    if (nameless + untold > 0 && this.#summary.repaired === undefined) return false;
    const problems = new ProblemList();
    const index = this.#trace.segments.map(indexOf);
    checkSummary(this.#summary, { ...this.#totals(), index }, problems);
    const { monotonicNs } = this.#summary.end;
    const length = Number(BigInt(monotonicNs) - BigInt(this.#reading.facts.start.monotonicNs));
    return problems.total === 0 && length >= this.#trace.lastNs && length <= 2 ** 52;
  }

  #totals() {
    const { segments } = this.#trace;
    const sum = (of: (segment: (typeof segments)[number]) => number) =>
      segments.reduce((all, each) => all + of(each), 0);
    return {
      transitions: sum(({ rows }) => rows),
      goroutines: sum(({ goroutines }) => goroutines),
      lost: sum(({ gaps }) => lostIn(gaps)),
    };
  }

  #rebuild(archive: ArchiveWriter): void {
    const { segments, unexplained, nameless, untold, lostDetails, lastNs } = this.#trace;
    const { transitions, goroutines } = this.#totals();
    const gaps = [...segments.flatMap((segment) => segment.gaps), ...this.#holes.map(({ gap }) => gap)];
    const { losses, unlocated } = rebuildLosses(this.#summary?.losses, { transitions, gaps });
    const last = [
      ...unexplained,
      ...lostDetails,
      ...(unlocated > 0 ? [{ fromNs: 0, toNs: lastNs, lost: unlocated, why: DAMAGED }] : []),
    ];
    if (this.#summary === undefined) this.#note(SUMMARY_LOST);
    if (nameless > 0) this.#note(`who ${nameless} goroutines are, which no table tells`);
    if (untold > 0) this.#note(`${untold} stacks, or parts of them, which no table tells`);
    if (unexplained.length > 0) this.#note(`${unexplained.length} changes of state are missing, and nothing tells why`);
    if (unlocated > 0) this.#note(`when ${unlocated} of the lost events happened is not known`);
    if (this.#lost.length === 0) this.#lost.push('the summary disagreed with the tables');
    const rowsByNumber = new Map(segments.map((segment) => [segment.number, indexOf(segment)]));
    for (const { segment, gap, others } of this.#holes) {
      this.#addGaps(archive, segment, [...others, gap]);
      rowsByNumber.set(segment, { firstNs: 0, lastNs: 0, rows: 0, lost: lostIn(others) + gap.lost });
    }
    if (last.length > 0) {
      const number = freeNumber(rowsByNumber);
      this.#addGaps(archive, number, last);
      rowsByNumber.set(number, { firstNs: 0, lastNs: 0, rows: 0, lost: lostIn(last) });
    }
    const index = [...rowsByNumber].sort(([a], [b]) => a - b).map(([, row]) => row);
    const tables = { transitions, goroutines, index, gaps, lastNs };
    const summary = rebuildSummary(this.#reading.facts, this.#summary, tables, losses, this.#lost);
    archive.add([SUMMARY_ENTRY, encodeSummary(summary)]);
  }

  /** A segment without rows, for its gaps. */
  #addGaps(archive: ArchiveWriter, segment: number, gaps: readonly Gap[]): void {
    const startMonotonicNs = BigInt(this.#reading.facts.start.monotonicNs);
    const encoding = { startMonotonicNs, reasons: [], level: LEVEL, withPid: false };
    archive.add(
      [segmentEntry('gaps', segment), encodeGaps(gaps, LEVEL)],
      [segmentEntry('transitions', segment), encodeTransitions(new TransitionColumns(), encoding)],
    );
  }

  #drop(entry: ArchiveEntry, why: string): void {
    if (this.#dropped.has(entry)) return;
    this.#dropped.add(entry);
    this.#note(`${entry.name}: ${why}`);
  }

  #note(sentence: string): void {
    if (this.#lost.length < MAXIMUM_SENTENCES) this.#lost.push(sentence);
  }
}

/** Behind the last segment; where names have no room for that, any. */
function freeNumber(segments: ReadonlyMap<number, unknown>): number {
  let number = 0;
  for (const taken of segments.keys()) number = Math.max(number, taken + 1);
  if (number > MAXIMUM_SEGMENT) for (number = 0; segments.has(number); ) number++;
  return number;
}

const SUMMARY_LOST =
  'the summary: what was lost after the last row, what the recorder cost and why it stopped is not known';

/** Of equal names the first counts; no archive can hold a name that is longer. */
function uniqueNames(drop: (entry: ArchiveEntry, why: string) => void): (entry: ArchiveEntry) => boolean {
  const names = new Set<string>();
  return (entry) => {
    const { name } = entry;
    const isUsable = name !== '' && !name.includes('\0') && Buffer.byteLength(name) <= MAXIMUM_NAME_BYTES;
    if (isUsable && !names.has(name)) {
      names.add(name);
      return true;
    }
    drop(entry, isUsable ? 'another entry has this name' : 'its name is none');
    return false;
  };
}

function indexOf({ firstNs, lastNs, rows, gaps }: JudgedTrace['segments'][number]): SegmentIndex {
  return { firstNs, lastNs, rows, lost: lostIn(gaps) };
}

function lostIn(gaps: readonly Gap[]): number {
  return gaps.filter(losesTransitions).reduce((sum, { lost }) => sum + lost, 0);
}
