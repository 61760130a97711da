/**
 * Decodes transitions in threads of their own, a few segments ahead of whoever reads them: decoding is half of what an analysis takes.
 * Until the first thread has started (0.1 s), and for all that a thread cannot decode, rows are decoded where they are needed, so that
 * a trace and its damage read the same either way.
 */
import { availableParallelism, loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ByteSource } from '../../base/byte-source.js';
import { OpenFile } from '../../base/file-source.js';
import { nextTurn } from '../../base/next-turn.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import type { ArchiveEntry } from '../archive-reader.js';
import type { TransitionsDecoding } from '../transitions-table.js';
import { type DecodeAnswer, type DecodeJob, type DecodeSetup, READY } from './decode-job.js';
import { newSharedMemory, SharedColumns } from './shared-columns.js';
import type { TransitionsAhead } from './transitions-ahead.js';

/** Six million transitions: a thread takes 0.3 s of CPU to start, and pays no sooner (`test/bench/ahead-bench.ts`). */
const MINIMUM_SEGMENTS = 96;
/** Decoding takes as long as replay: more threads would wait. */
const MAXIMUM_THREADS = 2;
/** One segment is with the reader; with fewer beside it, threads that take turns on a core switch after each. */
const SPARE_SLOTS = 6;
/** Run from its sources, as by a test, this module has no compiled thread beside it. */
const WORKER = import.meta.url.endsWith('.js') ? new URL('./decode-worker.js', import.meta.url) : undefined;

export interface AheadOptions {
  readonly worker?: URL | undefined;
  readonly threads?: number;
  readonly minimumSegments?: number;
}

/** Undefined when there is no core for it, the trace is short, or its bytes are in no file. */
export function startDecodeAhead(
  source: ByteSource,
  entries: readonly (ArchiveEntry | undefined)[],
  decoding: TransitionsDecoding,
  { worker = WORKER, threads = idleCores(), minimumSegments = MINIMUM_SEGMENTS }: AheadOptions = {},
): DecodeAhead | undefined {
  const isWorthWhile = threads > 0 && entries.length >= minimumSegments;
  if (!isWorthWhile || worker === undefined || !(source instanceof OpenFile)) return undefined;
  return new DecodeAhead(source, entries, decoding, worker, Math.min(threads, MAXIMUM_THREADS));
}

/** Where more threads want to run than there are cores, one more makes it slower: measured at 7 to a core, 0.8 times as fast. */
function idleCores(): number {
  const cores = availableParallelism();
  return loadavg()[0]! > cores ? 0 : cores - 1;
}

export class DecodeAhead implements TransitionsAhead {
  /** Every thread has started, or one of them has died. */
  readonly started: Promise<void>;
  readonly #entries: readonly (ArchiveEntry | undefined)[];
  readonly #decoding: TransitionsDecoding;
  readonly #columns: SharedColumns[];
  readonly #workers: Worker[];
  /** Slots that nobody uses. */
  readonly #free: number[];
  readonly #jobs = new Map<number, { readonly slot: number; readonly answer: Promise<DecodeAnswer | undefined> }>();
  readonly #answers = new Map<number, (answer: DecodeAnswer | undefined) => void>();
  #tellStarted = () => {};
  /** Threads that have started. */
  #ready = 0;
  #isBroken = false;
  /** The first position that no thread was asked for. */
  #next = 0;
  /** The slot with the reader. */
  #lent: number | undefined;

  constructor(
    { descriptor, size }: OpenFile,
    entries: readonly (ArchiveEntry | undefined)[],
    decoding: TransitionsDecoding,
    worker: URL,
    threads: number,
  ) {
    this.#entries = entries;
    this.#decoding = decoding;
    const slots = Array.from({ length: threads + SPARE_SLOTS }, newSharedMemory);
    this.#columns = slots.map((memory) => new SharedColumns(memory));
    this.#free = [...slots.keys()];
    this.started = new Promise((resolve) => {
      this.#tellStarted = resolve;
    });
    const { startMonotonicNs, pid } = decoding;
    const setup: DecodeSetup = { descriptor, sizeBytes: size, slots, startMonotonicNs, pid };
    this.#workers = Array.from({ length: threads }, () => this.#start(worker, setup));
  }

  #start(url: URL, setup: DecodeSetup): Worker {
    const worker = new Worker(url, { workerData: setup });
    worker.on('message', (message: DecodeAnswer | typeof READY) => {
      if (message !== READY) this.#answer(message.position, message);
      else if (++this.#ready === this.#workers.length) this.#tellStarted();
    });
    worker.on('error', () => this.#giveUp());
    worker.on('exit', () => this.#giveUp());
    return worker;
  }

  async rows(position: number): Promise<TransitionBatch | undefined> {
    if (this.#lent !== undefined) this.#free.push(this.#lent);
    this.#lent = undefined;
    // Messages of threads arrive between turns.
    if (this.#ready < this.#workers.length) await nextTurn();
    const job = this.#jobs.get(position);
    this.#jobs.delete(position);
    this.#next = Math.max(this.#next, position + 1);
    this.#ask();
    const answer = await job?.answer;
    if (job === undefined || answer === undefined) return undefined;
    this.#lent = job.slot;
    return answer.rows < 0 ? undefined : this.#numbered(this.#columns[job.slot]!, answer);
  }

  /** Gives every free slot to a thread. */
  #ask(): void {
    if (this.#isBroken || this.#ready < this.#workers.length) return;
    while (this.#free.length > 0 && this.#next < this.#entries.length) {
      const position = this.#next++;
      const entry = this.#entries[position];
      if (entry === undefined) continue;
      const slot = this.#free.pop()!;
      const answer = new Promise<DecodeAnswer | undefined>((resolve) => this.#answers.set(position, resolve));
      this.#jobs.set(position, { slot, answer });
      const job: DecodeJob = { position, entry, slot };
      this.#workers[position % this.#workers.length]!.postMessage(job);
    }
  }

  #answer(position: number, answer: DecodeAnswer | undefined): void {
    this.#answers.get(position)?.(answer);
    this.#answers.delete(position);
  }

  #giveUp(): void {
    this.#isBroken = true;
    this.#tellStarted();
    for (const position of [...this.#answers.keys()]) this.#answer(position, undefined);
  }

  /** Reasons get the trace's numbers in the order in which they would have got them here. */
  #numbered(columns: SharedColumns, { rows, reasons }: DecodeAnswer): TransitionBatch {
    columns.length = rows;
    const numbers = Uint16Array.from(reasons, (text) => this.#decoding.reasons.numberOf(text));
    if (numbers.some((number, index) => number !== index)) {
      const { reason } = columns;
      for (let row = 0; row < rows; row++) reason[row] = numbers[reason[row]!]!;
    }
    return columns;
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) void worker.terminate();
  }
}
