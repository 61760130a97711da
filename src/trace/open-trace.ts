/** Opens a trace file for reading. */
import type { ByteSource } from '../base/byte-source.js';
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { FileSource } from '../base/file-source.js';
import { printable } from '../base/text.js';
import type { TraceFacts, TraceSummary } from '../model/trace-facts.js';
import type { TraceSegment, TraceSource } from '../model/trace-segment.js';
import { type ArchiveEntry, readArchive, readEntry } from './archive-reader.js';
import { HEADER_ENTRY, parseSegmentEntry, SUMMARY_ENTRY, type TableName } from './entry-names.js';
import { ReasonList } from './reason-list.js';
import { decodeGaps, decodeGoroutines } from './small-tables.js';
import { decodeHeader, decodeSummary } from './trace-header.js';
import { measureTables, type TableSize } from './trace-sizes.js';
import { decodeTransitions, TransitionColumns } from './transitions-table.js';

type SegmentEntries = Partial<Record<TableName, ArchiveEntry>>;

/** A trace file. Segments are read when asked for; one is held at a time. */
export class TraceFile implements TraceSource, Disposable {
  readonly facts: TraceFacts;
  /** Undefined when the recorder died before it could write it. */
  readonly summary: TraceSummary | undefined;
  /** Sentences about what is missing or broken; grows while segments are read. Empty: the file is whole. */
  readonly damage: string[];
  readonly entries: readonly ArchiveEntry[];
  readonly #source: ByteSource;
  readonly #close: () => void;
  readonly #segments: ReadonlyMap<number, SegmentEntries>;
  readonly #reasons = new ReasonList();
  #lastRowNs = 0;

  constructor(source: ByteSource, entries: readonly ArchiveEntry[], damage: readonly string[], close: () => void) {
    this.#source = source;
    this.#close = close;
    this.entries = entries;
    this.damage = [...damage];
    this.#segments = groupBySegment(entries);
    const header = entries.find((entry) => entry.name === HEADER_ENTRY);
    if (header === undefined)
      throw new UserError(`is a ZIP archive but not a gotape trace (it has no entry ${HEADER_ENTRY})`);
    this.facts = decodeHeader(readEntry(source, header));
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

  /** What takes how much room. Reads every table. */
  measureTables(): Record<string, TableSize> {
    return measureTables(this.#source, this.entries);
  }

  get endNs(): number {
    if (this.summary === undefined) return this.#lastRowNs;
    const length = Number(BigInt(this.summary.end.monotonicNs) - BigInt(this.facts.start.monotonicNs));
    return Math.max(length, this.#lastRowNs);
  }

  /** The segments in order. One that is damaged is left out and noted in `damage`. */
  async *segments(): AsyncIterable<TraceSegment> {
    const transitions = new TransitionColumns();
    const decoding = {
      startMonotonicNs: BigInt(this.facts.start.monotonicNs),
      reasons: this.#reasons,
      pid: this.facts.targets[0]?.pid ?? 0,
    };
    for (const [index, entries] of this.#segments) {
      if (entries.transitions === undefined) continue;
      try {
        const { name } = entries.transitions;
        decodeTransitions(readEntry(this.#source, entries.transitions), name, decoding, transitions);
        const { goroutines, gaps } = entries;
        const segment = {
          index,
          transitions,
          goroutines: goroutines ? decodeGoroutines(readEntry(this.#source, goroutines), goroutines.name) : [],
          gaps: gaps ? decodeGaps(readEntry(this.#source, gaps), gaps.name) : [],
        };
        if (transitions.length > 0)
          this.#lastRowNs = Math.max(this.#lastRowNs, transitions.timeNs[transitions.length - 1]!);
        yield segment;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.#note(`segment ${index} is left out: ${error.message}`);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #readSummary(): TraceSummary | undefined {
    const entry = this.entries.find(({ name }) => name === SUMMARY_ENTRY);
    if (entry === undefined) {
      this.#note('the recorder did not finish this file: it has no summary, so losses near its end are unknown');
      return undefined;
    }
    try {
      return decodeSummary(readEntry(this.#source, entry));
    } catch (error) {
      this.#note(errorText(error));
      return undefined;
    }
  }

  #note(sentence: string): void {
    const text = printable(sentence);
    if (!this.damage.includes(text)) this.damage.push(text);
  }
}

/** @throws UserError that names the file and says what it is instead of a trace */
export async function openTrace(path: string): Promise<TraceFile> {
  const source = openFile(path);
  try {
    const { entries, damage } = await readArchive(source);
    return new TraceFile(source, entries, damage, () => source[Symbol.dispose]());
  } catch (error) {
    source[Symbol.dispose]();
    if (error instanceof UserError)
      throw new UserError(`${printable(path)} ${printable(error.message)}`, { cause: error });
    throw error;
  }
}

function groupBySegment(entries: readonly ArchiveEntry[]): Map<number, SegmentEntries> {
  const segments = new Map<number, SegmentEntries>();
  for (const entry of entries) {
    const place = parseSegmentEntry(entry.name);
    if (place === undefined) continue;
    const known = segments.get(place.segment) ?? {};
    known[place.table] ??= entry;
    segments.set(place.segment, known);
  }
  return new Map([...segments].sort(([a], [b]) => a - b));
}

function openFile(path: string): FileSource {
  let source: FileSource;
  try {
    source = new FileSource(path);
  } catch (error) {
    throw new UserError(`${printable(path)}: ${openFailure(error)}`, { cause: error });
  }
  if (source.isRegularFile) return source;
  source[Symbol.dispose]();
  throw new UserError(`${printable(path)}: is not a regular file, expected a gotape trace`);
}

function openFailure(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'not readable by this user (traces are private: mode 0600)';
  return errorText(error);
}
