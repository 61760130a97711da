/** A trace file that is open: header, summary, segments. */
import type { ByteSource } from '../base/byte-source.js';
import { errorText, UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
import type { CallInfo } from '../model/call.js';
import type { OsScheduleBatch } from '../model/os-schedule.js';
import type { Gap, TraceFacts, TraceSummary } from '../model/trace-facts.js';
import type { SegmentDetails, TraceSegment, TraceSource } from '../model/trace-segment.js';
import { type Archive, type ArchiveEntry, readEntry } from './archive-reader.js';
import { decodeCalls } from './calls-table.js';
import { type AnyTableName, HEADER_ENTRY, parseTableEntry, SUMMARY_ENTRY, type TableName } from './entry-names.js';
import type { StartAhead } from './parallel/transitions-ahead.js';
import { ReasonList } from './reason-list.js';
import { decodeSched } from './sched-table.js';
import { decodeGaps, decodeGoroutines } from './small-tables.js';
import { decodeFrames, decodeStacks } from './stacks-table.js';
import { decodeStates } from './states-table.js';
import { decodeHeader, decodeSummary } from './trace-header.js';
import { measureTables, type TableSize } from './trace-sizes.js';
import { TransitionColumns } from './transition-columns.js';
import { decodeTransitions, type TransitionsDecoding } from './transitions-table.js';

/** A message of many empty parts takes a hundred times its bytes of memory. */
export const MAXIMUM_HEADER_BYTES = 1024 * 1024;
/** Without its index, which takes 30 bytes a segment. */
export const MAXIMUM_SUMMARY_BYTES = 64 * 1024;
export const MAXIMUM_INDEX_BYTES = 64;
const DAMAGED = 'damaged file';
/** More say nothing new, and a hostile file could ask for millions. */
const MAXIMUM_SENTENCES = 100;
/** 52 days: an end beyond is none. */
const MAXIMUM_NS = 2 ** 52;

type SegmentEntries = Partial<Record<AnyTableName, ArchiveEntry>>;

/** Segments are read when asked for; one is held at a time. */
export class TraceFile implements TraceSource, Disposable {
  readonly facts: TraceFacts;
  /** Undefined when the recorder died before it could write it. */
  readonly summary: TraceSummary | undefined;
  /** Sentences about what is missing or broken; grows while segments are read. Empty: the file is whole. */
  readonly damage: string[];
  readonly entries: readonly ArchiveEntry[];
  /** Decodes transitions before they are asked for; undefined: when they are. */
  ahead: StartAhead | undefined;
  readonly #source: ByteSource;
  readonly #close: () => void;
  readonly #segments: ReadonlyMap<number, SegmentEntries>;
  readonly #reasons = new ReasonList();
  #lastRowNs = 0;

  /** @throws UserError when it is no trace, or one of a newer version */
  constructor(source: ByteSource, { entries, damage }: Archive, close: () => void = () => {}) {
    this.#source = source;
    this.#close = close;
    this.entries = entries;
    this.damage = damage.map(printable);
    this.#segments = groupBySegment(entries);
    const header = entries.find((entry) => entry.name === HEADER_ENTRY);
    if (header === undefined)
      throw new UserError(`is a ZIP archive but not a gotape trace (it has no entry ${HEADER_ENTRY})`);
    this.facts = decodeHeader(readEntry(source, header, MAXIMUM_HEADER_BYTES));
    this.summary = this.#readSummary();
  }

  get reasons(): readonly string[] {
    return this.#reasons.texts;
  }

  get segmentCount(): number {
    return this.#segments.size;
  }

  get sizeBytes(): number {
    return this.#source.size;
  }

  /** The bytes of an entry as they are. @throws UserError when they are damaged */
  readEntry(entry: ArchiveEntry): Uint8Array {
    return readEntry(this.#source, entry);
  }

  /** A segment's table as it is in the file; undefined when there is none. @throws UserError when it is damaged */
  tableBytes(segment: number, table: TableName): Uint8Array | undefined {
    const entry = this.#segments.get(segment)?.[table];
    return entry && this.readEntry(entry);
  }

  /** What takes how much room. Reads every table. */
  measureTables(): Record<string, TableSize> {
    return measureTables(this.#source, this.entries);
  }

  get endNs(): number {
    if (this.summary === undefined) return this.#lastRowNs;
    const length = Number(BigInt(this.summary.end.monotonicNs) - BigInt(this.facts.start.monotonicNs));
    return Math.max(length <= MAXIMUM_NS ? length : 0, this.#lastRowNs);
  }

  /**
   * The segments in order. A table that is damaged is left out and noted in `damage`; where rows are missing, a gap says
   * so.
   */
  async *segments(): AsyncIterable<TraceSegment> {
    const columns = new TransitionColumns();
    const decoding = this.#decoding();
    const entriesAhead = [...this.#segments.values()].map((entries) => entries.transitions);
    using ahead = this.ahead?.(this.#source, entriesAhead, decoding);
    let hole: Gap | undefined;
    let position = 0;
    let lastNs = 0;
    for (const [index, entries] of this.#segments) {
      const made = await ahead?.rows(position);
      const transitions = made ?? columns;
      const isRead = made !== undefined || this.#readTransitions(index, entries.transitions, decoding, columns);
      const goroutines = this.#readTable(entries.goroutines, decodeGoroutines);
      const gaps = this.#readTable(entries.gaps, decodeGaps);
      const known = this.summary?.index[position++];
      if (isRead && hole !== undefined) {
        gaps.unshift({ ...hole, toNs: transitions.length > 0 ? transitions.timeNs[0]! : lastNs });
        hole = undefined;
      }
      if (!isRead) {
        const { fromNs, lost } = hole ?? { fromNs: lastNs, lost: 0 };
        hole = { fromNs, toNs: fromNs, lost: lost + (known?.rows ?? 0), why: DAMAGED };
      }
      if (transitions.length > 0) lastNs = transitions.timeNs[transitions.length - 1]!;
      this.#lastRowNs = Math.max(this.#lastRowNs, lastNs);
      const borders = this.#readBorders(entries, decoding);
      yield { index, transitions, goroutines, gaps, ...borders, ...this.#readDetails(entries) };
    }
    columns.reserve(0);
    if (hole !== undefined)
      yield { index: position, transitions: columns, goroutines: [], gaps: [{ ...hole, toNs: this.endNs }] };
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  /** False when there is nothing that could be read; `into` then has no rows. */
  #readTransitions(
    index: number,
    entry: ArchiveEntry | undefined,
    decoding: TransitionsDecoding,
    into: TransitionColumns,
  ): boolean {
    try {
      if (entry === undefined) throw new UserError('it has no transitions');
      decodeTransitions(readEntry(this.#source, entry), entry.name, decoding, into);
      return true;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#note(`segment ${index} is left out: ${error.message}`);
      into.reserve(0);
      return false;
    }
  }

  /** Of a trace that was cut. */
  #readBorders(
    { states, after }: SegmentEntries,
    decoding: TransitionsDecoding,
  ): Pick<TraceSegment, 'states' | 'after'> {
    const decode = (bytes: Uint8Array, name: string) => decodeStates(bytes, name, decoding.reasons);
    const columns = new TransitionColumns();
    if (after !== undefined) {
      // One table of all rows or of none.
      this.#readTable(after, (bytes, name) => {
        decodeTransitions(bytes, name, decoding, columns);
        return [];
      });
    }
    return {
      ...(states === undefined ? {} : { states: this.#readTable(states, decode) }),
      ...(columns.length === 0 ? {} : { after: columns }),
    };
  }

  /** The calls of each segment alone, in order: for whoever goes through them at a pace of their own. */
  *callTables(): Generator<CallInfo[]> {
    for (const { calls } of this.#segments.values()) if (calls !== undefined) yield this.#readTable(calls, decodeCalls);
  }

  /** The same of OS schedules. */
  *schedTables(): Generator<OsScheduleBatch> {
    for (const { sched } of this.#segments.values()) {
      const batch = this.#readSchedule(sched);
      if (batch !== undefined) yield batch;
    }
  }

  #readSchedule(entry: ArchiveEntry | undefined): OsScheduleBatch | undefined {
    const [batch] = this.#readTable(entry, (bytes, name) => [decodeSched(bytes, name, this.#decoding())]);
    return batch;
  }

  #decoding(): TransitionsDecoding {
    return {
      startMonotonicNs: BigInt(this.facts.start.monotonicNs),
      reasons: this.#reasons,
      pid: this.facts.targets[0]?.pid ?? 0,
    };
  }

  #readDetails({ functions, stacks, calls, sched }: SegmentEntries): SegmentDetails {
    const osSchedule = this.#readSchedule(sched);
    return {
      ...(functions === undefined ? {} : { frames: this.#readTable(functions, decodeFrames) }),
      ...(stacks === undefined ? {} : { stacks: this.#readTable(stacks, decodeStacks) }),
      ...(calls === undefined ? {} : { calls: this.#readTable(calls, decodeCalls) }),
      ...(osSchedule === undefined ? {} : { osSchedule }),
    };
  }

  #readTable<T>(entry: ArchiveEntry | undefined, decode: (bytes: Uint8Array, name: string) => T[]): T[] {
    if (entry === undefined) return [];
    try {
      return decode(readEntry(this.#source, entry), entry.name);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#note(`a table is left out: ${error.message}`);
      return [];
    }
  }

  #readSummary(): TraceSummary | undefined {
    const entry = this.entries.find(({ name }) => name === SUMMARY_ENTRY);
    if (entry === undefined) {
      this.#note('the recorder did not finish this file: it has no summary, so losses near its end are unknown');
      return undefined;
    }
    try {
      const maximum = MAXIMUM_SUMMARY_BYTES + MAXIMUM_INDEX_BYTES * this.segmentCount;
      return decodeSummary(readEntry(this.#source, entry, maximum));
    } catch (error) {
      this.#note(errorText(error));
      return undefined;
    }
  }

  #note(sentence: string): void {
    const text = printable(sentence);
    const isFull = this.damage.length >= MAXIMUM_SENTENCES;
    if (!isFull && !this.damage.includes(text)) this.damage.push(text);
  }
}

function groupBySegment(entries: readonly ArchiveEntry[]): Map<number, SegmentEntries> {
  const segments = new Map<number, SegmentEntries>();
  for (const entry of entries) {
    const place = parseTableEntry(entry.name);
    if (place === undefined) continue;
    const known = segments.get(place.segment) ?? {};
    known[place.table] ??= entry;
    segments.set(place.segment, known);
  }
  return new Map([...segments].sort(([a], [b]) => a - b));
}
