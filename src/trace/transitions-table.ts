/** The `transitions` table: columns of a batch ↔ Arrow (docs/format.md, "transitions"). */
import { UserError } from '../base/errors.js';
import { goStateName, parseGoStateName } from '../model/go-state.js';
import { NO_P, NO_STACK, type TransitionBatch } from '../model/transition-batch.js';
import { parseWakeSource, wakeSourceName } from '../model/wake-source.js';
import { type Column, dictionaryColumn, int64Column, uint16Column, uint32Column } from './arrow-columns.js';
import { decodeTable, encodeTable } from './arrow-file.js';
import { ColumnAccess } from './column-access.js';
import { EncodeScratch } from './encode-scratch.js';
import type { ReasonList } from './reason-list.js';
import type { TransitionColumns } from './transition-columns.js';

const TWO_32 = 4_294_967_296;
/** 52 days: with the rows of a segment behind it, still exact in a float64. */
const MAXIMUM_NS = 2 ** 52;

export interface TransitionsEncoding {
  /** CLOCK_MONOTONIC at time 0 of the trace. */
  readonly startMonotonicNs: bigint;
  readonly reasons: readonly string[];
  readonly level: number;
  /** Several processes in this trace: a `pid` column is written. */
  readonly withPid: boolean;
}

const scratch = new EncodeScratch();

export function encodeTransitions(batch: TransitionBatch, encoding: TransitionsEncoding): Uint8Array {
  const { length } = batch;
  const columns: Column[] = [
    uint32Column('dt', deltas(batch)),
    int64Column('goid', batch.goid, scratch.words('goid', length)),
    uint32Column('tid', batch.tid.subarray(0, length)),
    uint16Column('cpu', batch.cpu.subarray(0, length)),
    uint16Column('p', batch.p.subarray(0, length)),
    compactColumn('from', batch.from, length, goStateName),
    compactColumn('to', batch.to, length, goStateName),
    compactColumn('reason', batch.reason, length, (code) => encoding.reasons[code] ?? ''),
    int64Column('waker', batch.waker, scratch.words('waker', length)),
    compactColumn('wake_source', batch.wakeSource, length, wakeSourceName),
  ];
  if (encoding.withPid) columns.push(uint32Column('pid', batch.pid.subarray(0, length)));
  if (hasStacks(batch)) columns.push(uint32Column('stack', batch.stack.subarray(0, length)));
  const base = encoding.startMonotonicNs + BigInt(length > 0 ? batch.timeNs[0]! : 0);
  return encodeTable(columns, length, new Map([['base_ns', String(base)]]), encoding.level);
}

function hasStacks({ stack, length }: TransitionBatch): boolean {
  for (let i = 0; i < length; i++) if (stack[i] !== NO_STACK) return true;
  return false;
}

/** ns since the previous row; the first row is at the segment's base. */
function deltas({ timeNs, length }: TransitionBatch): Uint32Array {
  const dt = scratch.uint32('dt', length);
  dt[0] = 0;
  for (let i = 1; i < length; i++) {
    const delta = timeNs[i]! - timeNs[i - 1]!;
    if (!(delta >= 0 && delta < TWO_32)) throw new RangeError(`row ${i} comes ${delta} ns after the one before it`);
    dt[i] = delta;
  }
  return dt;
}

/** Number of a code in the dictionary being made; -1 while it has none. Left as it was found. */
const numberByCode = new Int32Array(1 << 16).fill(-1);

/** Codes renumbered in order of first appearance: a dictionary holds only what the segment uses. */
function compactColumn(
  name: string,
  codes: Uint8Array | Uint16Array,
  length: number,
  nameOf: (code: number) => string,
): Column {
  const numbers = scratch.uint16(name, length);
  const used: number[] = [];
  for (let i = 0; i < length; i++) {
    const code = codes[i]!;
    if (numberByCode[code]! < 0) numberByCode[code] = used.push(code) - 1;
    numbers[i] = numberByCode[code]!;
  }
  for (const code of used) numberByCode[code] = -1;
  return dictionaryColumn(name, used.length <= 256 ? narrowed(name, numbers) : numbers, used.map(nameOf));
}

function narrowed(name: string, numbers: Uint16Array): Uint8Array {
  const bytes = scratch.uint8(`${name}, narrowed`, numbers.length);
  bytes.set(numbers);
  return bytes;
}

export interface TransitionsDecoding {
  readonly startMonotonicNs: bigint;
  readonly reasons: ReasonList;
  /** For traces without a `pid` column. */
  readonly pid: number;
}

/** Fills `into` from an entry's bytes. Columns beyond those of version 1 are skipped. @throws UserError */
export function decodeTransitions(
  bytes: Uint8Array,
  entry: string,
  decoding: TransitionsDecoding,
  into: TransitionColumns,
): void {
  const table = decodeTable(bytes, entry);
  const columns = new ColumnAccess(table, entry);
  into.reserve(table.rows);
  decodeTimes(columns.unsigned('dt'), baseOf(table.metadata, entry, decoding), into.timeNs);
  decodeInt64(columns.int64Words('goid'), into.goid);
  decodeInt64(columns.int64Words('waker'), into.waker);
  into.tid.set(columns.unsigned('tid'));
  into.cpu.set(columns.unsigned('cpu'));
  if (columns.has('p')) into.p.set(columns.unsigned('p'));
  else into.p.fill(NO_P, 0, table.rows);
  if (columns.has('pid')) into.pid.set(columns.unsigned('pid'));
  else into.pid.fill(decoding.pid, 0, table.rows);
  if (columns.has('stack')) into.stack.set(columns.unsigned('stack'));
  else into.stack.fill(NO_STACK, 0, table.rows);
  decodeDictionary(columns, 'from', (name) => stateNumber(name, entry), into.from);
  decodeDictionary(columns, 'to', (name) => stateNumber(name, entry), into.to);
  decodeDictionary(columns, 'reason', (name) => decoding.reasons.numberOf(name), into.reason);
  decodeDictionary(columns, 'wake_source', parseWakeSource, into.wakeSource);
}

function baseOf(
  metadata: ReadonlyMap<string, string>,
  entry: string,
  { startMonotonicNs }: TransitionsDecoding,
): number {
  const text = metadata.get('base_ns') ?? '';
  if (!/^\d{1,20}$/.test(text))
    throw new UserError(`${entry}: schema metadata base_ns is "${text.slice(0, 40)}", expected nanoseconds`);
  const base = Number(BigInt(text) - startMonotonicNs);
  if (base >= 0 && base <= MAXIMUM_NS) return base;
  throw new UserError(`${entry}: begins ${base} ns after the trace, expected 0 to ${MAXIMUM_NS}`);
}

function decodeTimes(dt: ArrayLike<number>, baseNs: number, into: Float64Array): void {
  let time = baseNs;
  for (let i = 0; i < dt.length; i++) {
    time += dt[i]!;
    into[i] = time;
  }
}

function decodeInt64(words: Int32Array, into: Float64Array): void {
  for (let i = 0, w = 0; w < words.length; i++, w += 2) into[i] = words[w + 1]! * TWO_32 + (words[w]! >>> 0);
}

function decodeDictionary(
  columns: ColumnAccess,
  name: string,
  numberOf: (text: string) => number,
  into: Uint8Array | Uint16Array,
): void {
  const { codes, names } = columns.dictionary(name);
  const numbers = Uint16Array.from(names, numberOf);
  for (let i = 0; i < codes.length; i++) into[i] = numbers[codes[i]!]!;
}

function stateNumber(name: string, entry: string): number {
  const state = parseGoStateName(name);
  if (state === undefined) throw new UserError(`${entry}: unknown goroutine state "${name.slice(0, 40)}"`);
  return state;
}
