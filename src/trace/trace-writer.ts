/** Writes a trace: header first, then segments as they come, summary last. The file is readable after every call. */
import type { GoroutineState } from '../model/goroutine-state.js';
import type { Gap, GoroutineInfo, LossFacts, SegmentIndex, TraceFacts, TraceSummary } from '../model/trace-facts.js';
import type { SegmentDetails } from '../model/trace-segment.js';
import type { TransitionBatch } from '../model/transition-batch.js';
import { ArchiveWriter, type ByteSink } from './archive-writer.js';
import { type BorderTableName, HEADER_ENTRY, SUMMARY_ENTRY, segmentEntry, type TableName } from './entry-names.js';
import { encodeGaps, encodeGoroutines } from './small-tables.js';
import { encodeStates } from './states-table.js';
import { encodeHeader, encodeSummary } from './trace-header.js';
import { encodeTransitions, type TransitionsEncoding } from './transitions-table.js';

export interface TraceWriterOptions {
  /** Wait reasons by the numbers that batches use. */
  readonly reasons: readonly string[];
  /** zstd level of the tables. */
  readonly level: number;
  /** The header as it stands in another file, for a copy: with the fields that this version does not know. */
  readonly header?: Uint8Array;
  /** Date of every entry; when it is left out, that of writing. */
  readonly modified?: Date;
}

/** What some segments hold besides. */
export interface SegmentExtras extends SegmentDetails {
  /** Of a trace that was cut from another. */
  readonly states?: readonly GoroutineState[] | undefined;
  readonly after?: TransitionBatch | undefined;
  /** Tables that are encoded already, in a trace with the same clock and the same processes. */
  readonly encoded?: Partial<Record<TableName, Uint8Array | undefined>>;
}

/** What only the recorder knows at the end. */
export type RecordingEnd = Pick<TraceSummary, 'end' | 'cost' | 'stopReason'> & { readonly losses: LossFacts };

export class TraceWriter {
  readonly #archive: ArchiveWriter;
  readonly #encoding: TransitionsEncoding;
  readonly #index: SegmentIndex[] = [];
  #transitions = 0;
  #goroutines = 0;

  constructor(sink: ByteSink, facts: TraceFacts, options: TraceWriterOptions) {
    this.#archive = new ArchiveWriter(sink, options.modified);
    this.#encoding = {
      startMonotonicNs: BigInt(facts.start.monotonicNs),
      reasons: options.reasons,
      level: options.level,
      withPid: facts.targets.length !== 1 || facts.targets[0]?.pid === 0,
    };
    this.#archive.add([HEADER_ENTRY, options.header ?? encodeHeader(facts)]);
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#archive.position;
  }

  /**
   * Writes one segment, as a whole or not at all. `transitions` comes last, so that whoever finds it has what its rows
   * refer to. Rows are in order of time, each less than 2^32 ns after the one before.
   */
  segment(
    transitions: TransitionBatch,
    goroutines: readonly GoroutineInfo[],
    gaps: readonly Gap[],
    { states = [], after, encoded = {} }: SegmentExtras = {},
  ): void {
    const segment = this.#index.length;
    const { level, reasons } = this.#encoding;
    const tables: [string, Uint8Array][] = [];
    const add = (table: TableName | BorderTableName, encode: () => Uint8Array) =>
      tables.push([segmentEntry(table, segment), encode()]);
    if (states.length > 0) add('states', () => encodeStates(states, reasons, level));
    if (goroutines.length > 0) add('goroutines', () => encoded.goroutines ?? encodeGoroutines(goroutines, level));
    if (gaps.length > 0) add('gaps', () => encoded.gaps ?? encodeGaps(gaps, level));
    if (after !== undefined) add('after', () => encodeTransitions(after, this.#encoding));
    add('transitions', () => encoded.transitions ?? encodeTransitions(transitions, this.#encoding));
    this.#archive.add(...tables);
    this.#index.push(indexOf(transitions, gaps));
    this.#transitions += transitions.length;
    this.#goroutines += goroutines.length;
  }

  /** Writes an entry that is none of a segment: an attachment. */
  entry(name: string, bytes: Uint8Array): void {
    this.#archive.add([name, bytes]);
  }

  /** Writes summary and table of contents. */
  finish(end: RecordingEnd): void {
    const summary = { ...end, transitions: this.#transitions, goroutines: this.#goroutines, index: this.#index };
    this.#archive.add([SUMMARY_ENTRY, encodeSummary(summary)]);
    this.#archive.finish();
  }
}

function indexOf({ timeNs, length }: TransitionBatch, gaps: readonly Gap[]): SegmentIndex {
  return {
    firstNs: length > 0 ? timeNs[0]! : 0,
    lastNs: length > 0 ? timeNs[length - 1]! : 0,
    rows: length,
    lost: gaps.reduce((sum, gap) => sum + gap.lost, 0),
  };
}
