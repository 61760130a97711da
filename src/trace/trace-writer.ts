/** Writes a trace: header first, then segments as they come, summary last. The file is readable after every call. */
import type { GoroutineState } from '../model/goroutine-state.js';
import {
  type Gap,
  type GoroutineInfo,
  type LossFacts,
  losesTransitions,
  type SegmentIndex,
  type TraceFacts,
  type TraceSummary,
} from '../model/trace-facts.js';
import type { SegmentDetails } from '../model/trace-segment.js';
import type { TransitionBatch } from '../model/transition-batch.js';
import { ArchiveWriter, type ByteSink } from './archive-writer.js';
import { encodeDetails } from './detail-tables.js';
import { type AnyTableName, HEADER_ENTRY, SUMMARY_ENTRY, segmentEntry, type TableName } from './entry-names.js';
import { encodeGaps, encodeGoroutines } from './small-tables.js';
import { encodeStates } from './states-table.js';
import { encodeHeader, encodeSummary } from './trace-header.js';
import { TransitionColumns } from './transition-columns.js';
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

const NO_ROWS = new TransitionColumns();

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
   * refer to. Rows are in order of time, each less than 2^32 ns after the one before. Details that are too many for one
   * segment get segments of their own in front.
   */
  segment(
    transitions: TransitionBatch,
    goroutines: readonly GoroutineInfo[],
    gaps: readonly Gap[],
    extras: SegmentExtras = {},
  ): void {
    const { states = [], after, encoded = {} } = extras;
    const { level, reasons } = this.#encoding;
    const details = encodeDetails(extras, this.#encoding);
    const own = details.pop() ?? [];
    for (const tables of details) {
      this.#add([...tables, ['transitions', () => encodeTransitions(NO_ROWS, this.#encoding)]]);
      this.#index.push(indexOf(NO_ROWS, []));
    }
    const tables: [AnyTableName, () => Uint8Array][] = [];
    if (states.length > 0) tables.push(['states', () => encodeStates(states, reasons, level)]);
    if (goroutines.length > 0)
      tables.push(['goroutines', () => encoded.goroutines ?? encodeGoroutines(goroutines, level)]);
    if (gaps.length > 0) tables.push(['gaps', () => encoded.gaps ?? encodeGaps(gaps, level)]);
    if (after !== undefined) tables.push(['after', () => encodeTransitions(after, this.#encoding)]);
    const rows = () => encoded.transitions ?? encodeTransitions(transitions, this.#encoding);
    this.#add([...tables, ...own, ['transitions', rows]]);
    this.#index.push(indexOf(transitions, gaps));
    this.#transitions += transitions.length;
    this.#goroutines += goroutines.length;
  }

  /** Writes an entry that is none of a segment: an attachment. */
  entry(name: string, bytes: Uint8Array): void {
    this.#archive.add([name, bytes]);
  }

  #add(tables: readonly (readonly [table: AnyTableName, encode: () => Uint8Array])[]): void {
    const segment = this.#index.length;
    this.#archive.add(
      ...tables.map(([table, encode]): [string, Uint8Array] => [segmentEntry(table, segment), encode()]),
    );
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
    lost: gaps.filter(losesTransitions).reduce((sum, gap) => sum + gap.lost, 0),
  };
}
