/** Reads header, summary and tables of a trace entry by entry, and says what cannot be read of each. */
import type { ByteSource } from '../../base/byte-source.js';
import { UserError } from '../../base/errors.js';
import type { CallInfo } from '../../model/call.js';
import type { GoroutineState } from '../../model/goroutine-state.js';
import type { OsScheduleBatch } from '../../model/os-schedule.js';
import type { FrameInfo, StackInfo } from '../../model/stack.js';
import type { Gap, GoroutineInfo, TraceFacts, TraceSummary } from '../../model/trace-facts.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import { type ArchiveEntry, readEntry } from '../archive-reader.js';
import { decodeCalls } from '../calls-table.js';
import { HEADER_ENTRY, parseTableEntry, SUMMARY_ENTRY } from '../entry-names.js';
import { ReasonList } from '../reason-list.js';
import { decodeSched } from '../sched-table.js';
import { decodeGaps, decodeGoroutines } from '../small-tables.js';
import { decodeFrames, decodeStacks } from '../stacks-table.js';
import { decodeStates } from '../states-table.js';
import { MAXIMUM_HEADER_BYTES, MAXIMUM_INDEX_BYTES, MAXIMUM_SUMMARY_BYTES } from '../trace-file.js';
import { decodeHeader, decodeSummary } from '../trace-header.js';
import { TransitionColumns } from '../transition-columns.js';
import { decodeTransitions } from '../transitions-table.js';

/** Takes an entry that cannot be read, and why. */
export type OnUnreadable = (entry: ArchiveEntry, why: string) => void;

export class TraceReading {
  readonly facts: TraceFacts;
  readonly #source: ByteSource;
  readonly #entries: readonly ArchiveEntry[];
  readonly #onUnreadable: OnUnreadable;
  readonly #reasons = new ReasonList();
  readonly #columns = new TransitionColumns();
  readonly #read = new WeakSet<ArchiveEntry>();

  /** @throws UserError when it is no trace, or one of a newer version */
  constructor(source: ByteSource, entries: readonly ArchiveEntry[], onUnreadable: OnUnreadable) {
    this.#source = source;
    this.#entries = entries;
    this.#onUnreadable = onUnreadable;
    const header = this.find(HEADER_ENTRY);
    if (header === undefined)
      throw new UserError(`is a ZIP archive but not a gotape trace (it has no entry ${HEADER_ENTRY})`);
    this.#read.add(header);
    this.facts = decodeHeader(readEntry(source, header, MAXIMUM_HEADER_BYTES));
  }

  find(name: string): ArchiveEntry | undefined {
    return this.#entries.find((entry) => entry.name === name);
  }

  /** Undefined when there is none, or none that can be read. */
  summary(): TraceSummary | undefined {
    // Segments are fewer than entries: a looser bound than that of TraceFile, and enough.
    const maximum = MAXIMUM_SUMMARY_BYTES + MAXIMUM_INDEX_BYTES * this.#entries.length;
    return this.#decode(this.find(SUMMARY_ENTRY), decodeSummary, maximum);
  }

  gaps(entry: ArchiveEntry | undefined): Gap[] | undefined {
    return this.#decode(entry, decodeGaps);
  }

  goroutines(entry: ArchiveEntry | undefined): GoroutineInfo[] | undefined {
    return this.#decode(entry, decodeGoroutines);
  }

  /** The columns are valid until the next call. */
  transitions(entry: ArchiveEntry | undefined): TransitionBatch | undefined {
    return this.#decode(entry, (bytes, name) => {
      decodeTransitions(bytes, name, this.#decoding(), this.#columns);
      return this.#columns;
    });
  }

  /** Of a trace that was cut. */
  states(entry: ArchiveEntry | undefined): GoroutineState[] | undefined {
    return this.#decode(entry, (bytes, name) => decodeStates(bytes, name, this.#reasons));
  }

  frames(entry: ArchiveEntry | undefined): FrameInfo[] | undefined {
    return this.#decode(entry, decodeFrames);
  }

  stacks(entry: ArchiveEntry | undefined): StackInfo[] | undefined {
    return this.#decode(entry, decodeStacks);
  }

  calls(entry: ArchiveEntry | undefined): CallInfo[] | undefined {
    return this.#decode(entry, decodeCalls);
  }

  sched(entry: ArchiveEntry | undefined): OsScheduleBatch | undefined {
    return this.#decode(entry, (bytes, name) => decodeSched(bytes, name, this.#decoding()));
  }

  #decoding() {
    return {
      startMonotonicNs: BigInt(this.facts.start.monotonicNs),
      reasons: this.#reasons,
      pid: this.facts.targets[0]?.pid ?? 0,
    };
  }

  /** Any entry that was not read yet: its CRC, and its table when it is one. */
  rest(entry: ArchiveEntry): void {
    if (this.#read.has(entry)) return;
    switch (parseTableEntry(entry.name)?.table) {
      case 'states':
        this.states(entry);
        break;
      case 'after':
        this.transitions(entry);
        break;
      case 'functions':
        this.frames(entry);
        break;
      case 'stacks':
        this.stacks(entry);
        break;
      case 'calls':
        this.calls(entry);
        break;
      case 'sched':
        this.sched(entry);
        break;
      default:
        this.#decode(entry, (bytes) => bytes);
    }
  }

  #decode<T>(
    entry: ArchiveEntry | undefined,
    decode: (bytes: Uint8Array, name: string) => T,
    maximumBytes?: number,
  ): T | undefined {
    if (entry === undefined) return undefined;
    this.#read.add(entry);
    try {
      return decode(readEntry(this.#source, entry, maximumBytes), entry.name);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const prefix = `${entry.name}: `;
      this.#onUnreadable(entry, error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message);
      return undefined;
    }
  }
}
