/** The `sched` table of a trace recorded with `--sched`: columns of a batch ↔ Arrow (docs/format.md, "sched"). */
import { UserError } from '../base/errors.js';
import { type OsScheduleBatch, OsScheduleList, osStateName, parseOsState } from '../model/os-schedule.js';
import { type Column, int16Column, int64Column, stringColumn, uint16Column, uint32Column } from './arrow-columns.js';
import { decodeTable, encodeTable } from './arrow-file.js';
import { ColumnAccess } from './column-access.js';

const TWO_32 = 4_294_967_296;
const MAXIMUM_NS = 2 ** 52;

export interface SchedEncoding {
  /** CLOCK_MONOTONIC at time 0 of the trace. */
  readonly startMonotonicNs: bigint;
  readonly level: number;
  readonly withPid: boolean;
}

export function encodeSched(batch: OsScheduleBatch, { startMonotonicNs, level, withPid }: SchedEncoding): Uint8Array {
  const { length, timeNs } = batch;
  const columns: Column[] = [
    timeColumn(batch),
    uint32Column('tid', batch.tid.subarray(0, length)),
    uint16Column('cpu', batch.cpu.subarray(0, length)),
    stringColumn('state', Array.from(batch.state.subarray(0, length), osStateName)),
    int16Column('syscall', batch.syscall.subarray(0, length)),
  ];
  if (withPid) columns.push(uint32Column('pid', batch.pid.subarray(0, length)));
  const base = startMonotonicNs + BigInt(length > 0 ? timeNs[0]! : 0);
  return encodeTable(columns, length, new Map([['base_ns', String(base)]]), level);
}

/** Differences; where one of them is too long, or time goes back, the times themselves. */
function timeColumn({ length, timeNs }: OsScheduleBatch): Column {
  const dt = new Uint32Array(length);
  for (let i = 1; i < length; i++) {
    const delta = timeNs[i]! - timeNs[i - 1]!;
    if (!(delta >= 0 && delta < TWO_32)) return int64Column('time_ns', timeNs.subarray(0, length));
    dt[i] = delta;
  }
  return uint32Column('dt', dt);
}

export interface SchedDecoding {
  readonly startMonotonicNs: bigint;
  /** For traces without a `pid` column. */
  readonly pid: number;
}

/** @throws UserError */
export function decodeSched(bytes: Uint8Array, entry: string, decoding: SchedDecoding): OsScheduleBatch {
  const table = decodeTable(bytes, entry);
  const columns = new ColumnAccess(table, entry);
  const batch = new OsScheduleList();
  batch.reserve(table.rows);
  batch.length = table.rows;
  if (columns.has('dt')) addUp(columns.unsigned('dt'), baseOf(table.metadata, entry, decoding), batch.timeNs);
  else batch.timeNs.set(columns.int64s('time_ns'));
  batch.tid.set(columns.unsigned('tid'));
  batch.cpu.set(columns.unsigned('cpu'));
  batch.syscall.set(columns.int16s('syscall'));
  if (columns.has('pid')) batch.pid.set(columns.unsigned('pid'));
  else batch.pid.fill(decoding.pid);
  const { codes, names } = columns.dictionary('state');
  const states = Uint8Array.from(names, parseOsState);
  for (let i = 0; i < codes.length; i++) batch.state[i] = states[codes[i]!]!;
  for (let i = 0; i < table.rows; i++) {
    const time = batch.timeNs[i]!;
    if (!(time >= 0 && time <= MAXIMUM_NS))
      throw new UserError(`${entry}: row ${i} is at ${time} ns, expected 0 to ${MAXIMUM_NS}`);
  }
  return batch;
}

function addUp(dt: ArrayLike<number>, baseNs: number, into: Float64Array): void {
  let time = baseNs;
  for (let i = 0; i < dt.length; i++) {
    time += dt[i]!;
    into[i] = time;
  }
}

function baseOf(metadata: ReadonlyMap<string, string>, entry: string, { startMonotonicNs }: SchedDecoding): number {
  const text = metadata.get('base_ns') ?? '';
  if (!/^\d{1,20}$/.test(text))
    throw new UserError(`${entry}: schema metadata base_ns is "${text.slice(0, 40)}", expected nanoseconds`);
  return Number(BigInt(text) - startMonotonicNs);
}
