/** Fingerprints of everything that a trace says, however it is cut into segments and compressed. */

import { createHash, type Hash } from 'node:crypto';
import { nextTurn } from '../../base/next-turn.js';
import type { GoroutineState } from '../../model/goroutine-state.js';
import type { OsScheduleBatch } from '../../model/os-schedule.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import { HEADER_ENTRY } from '../entry-names.js';
import type { TraceFile } from '../trace-file.js';
import { otherEntries } from './whole-trace.js';

/** What → fingerprint: every column of `transitions`, the other tables, header, summary, attachments. */
export type TraceDigest = ReadonlyMap<string, string>;

const PLAIN_COLUMNS = [
  'timeNs',
  'goid',
  'pid',
  'tid',
  'cpu',
  'p',
  'from',
  'to',
  'waker',
  'wakeSource',
  'stack',
] as const;

const SCHEDULE_COLUMNS = ['timeNs', 'pid', 'tid', 'cpu', 'state', 'syscall'] as const;

/** Reads the whole trace. What is damaged is left out, and named in `trace.damage`. */
export async function digestTrace(trace: TraceFile): Promise<TraceDigest> {
  const digest = new Digest();
  const reasons = new ReasonNumbers(trace);
  // Tables are told apart: how they take turns depends on the segments.
  const afterReasons = new ReasonNumbers(trace);
  for await (const segment of trace.segments()) {
    const {
      transitions,
      goroutines,
      gaps,
      states = [],
      after,
      frames = [],
      stacks = [],
      calls = [],
      osSchedule,
    } = segment;
    digest.rows('transitions', transitions, reasons);
    if (after !== undefined) digest.rows('after', after, afterReasons);
    for (const row of states) digest.add('states', line({ ...row, ...reasons.textsOf(row) }));
    for (const row of goroutines) digest.add('goroutines', line(row));
    for (const row of gaps) digest.add('gaps', line(row));
    for (const row of frames) digest.add('functions', line(row));
    for (const row of stacks) digest.add('stacks', line(row));
    for (const row of calls) digest.add('calls', line(row));
    if (osSchedule !== undefined) digest.schedule(osSchedule);
    await nextTurn();
  }
  digest.add('reasons', line([reasons.texts, afterReasons.texts]));
  digest.add('header', trace.readEntry(trace.entries.find(({ name }) => name === HEADER_ENTRY)!));
  digest.add('summary', line({ ...trace.summary, index: undefined }));
  for (const entry of otherEntries(trace)) digest.add(entry.name, trace.readEntry(entry));
  return digest.finish();
}

/** Names of what differs. */
export function digestDifferences(a: TraceDigest, b: TraceDigest): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function bytesOf(
  column: ArrayBufferView & { subarray(from: number, to: number): ArrayBufferView },
  length: number,
): Uint8Array {
  const { buffer, byteOffset, byteLength } = column.subarray(0, length);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

class Digest {
  readonly #hashes = new Map<string, Hash>();

  add(name: string, bytes: Uint8Array | string): void {
    let hash = this.#hashes.get(name);
    if (hash === undefined) {
      hash = createHash('sha256');
      this.#hashes.set(name, hash);
    }
    hash.update(bytes);
  }

  rows(table: string, batch: TransitionBatch, reasons: ReasonNumbers): void {
    for (const column of PLAIN_COLUMNS) this.add(`${table}.${column}`, bytesOf(batch[column], batch.length));
    this.add(`${table}.reason`, reasons.renumbered(batch));
  }

  schedule(batch: OsScheduleBatch): void {
    for (const column of SCHEDULE_COLUMNS) this.add(`sched.${column}`, bytesOf(batch[column], batch.length));
  }

  finish(): TraceDigest {
    return new Map([...this.#hashes].map(([name, hash]) => [name, hash.digest('hex')]));
  }
}

/** Files number reasons as their dictionaries happen to list them; here they are numbered by their first row. */
class ReasonNumbers {
  readonly texts: string[] = [];
  readonly #source: { readonly reasons: readonly string[] };
  readonly #numberByReason = new Map<number, number>();

  constructor(source: { readonly reasons: readonly string[] }) {
    this.#source = source;
  }

  renumbered({ reason, length }: TransitionBatch): Uint8Array {
    const numbers = new Uint16Array(length);
    for (let i = 0; i < length; i++) numbers[i] = this.#numberOf(reason[i]!);
    return new Uint8Array(numbers.buffer);
  }

  textsOf({ reason, lastReason }: GoroutineState): Record<'reason' | 'lastReason', string> {
    return { reason: this.#source.reasons[reason] ?? '', lastReason: this.#source.reasons[lastReason] ?? '' };
  }

  #numberOf(reason: number): number {
    const known = this.#numberByReason.get(reason);
    if (known !== undefined) return known;
    this.#numberByReason.set(reason, this.texts.length);
    return this.texts.push(this.#source.reasons[reason] ?? '') - 1;
  }
}
