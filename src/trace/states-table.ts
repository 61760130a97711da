/** The `states` table of a trace that was cut: what its goroutines did when it begins (docs/format.md, "states"). */
import { UserError } from '../base/errors.js';
import { goStateName, parseGoStateName } from '../model/go-state.js';
import { CAME_FROM_ANY, type GoroutineState } from '../model/goroutine-state.js';
import { parseWakeSource, wakeSourceName } from '../model/wake-source.js';
import { int64Column, stringColumn, uint16Column, uint32Column } from './arrow-columns.js';
import { decodeTable, encodeTable } from './arrow-file.js';
import { ColumnAccess } from './column-access.js';
import type { ReasonList } from './reason-list.js';

const NO_METADATA: ReadonlyMap<string, string> = new Map();
const MAXIMUM_NS = 2 ** 52;

export function encodeStates(rows: readonly GoroutineState[], reasons: readonly string[], level: number): Uint8Array {
  const int64 = (name: string, of: (row: GoroutineState) => number) => int64Column(name, rows.map(of));
  const uint32 = (name: string, of: (row: GoroutineState) => number) => uint32Column(name, Uint32Array.from(rows, of));
  const uint16 = (name: string, of: (row: GoroutineState) => number) => uint16Column(name, Uint16Array.from(rows, of));
  const text = (name: string, of: (row: GoroutineState) => string) => stringColumn(name, rows.map(of));
  const columns = [
    int64('goid', (row) => row.goid),
    uint32('pid', (row) => row.pid),
    text('state', (row) => goStateName(row.state)),
    text('from', (row) => (row.cameFrom === CAME_FROM_ANY ? '' : goStateName(row.cameFrom))),
    int64('since_ns', (row) => row.sinceNs),
    text('reason', (row) => reasons[row.reason] ?? ''),
    int64('last_ns', (row) => row.lastNs),
    text('last_reason', (row) => reasons[row.lastReason] ?? ''),
    uint32('tid', (row) => row.tid),
    uint16('cpu', (row) => row.cpu),
    uint16('p', (row) => row.p),
    uint16('ran_on_p', (row) => (row.ranOnP ? 1 : 0)),
    int64('waker', (row) => row.waker),
    text('wake_source', (row) => wakeSourceName(row.wakeSource)),
    uint32('stack', (row) => row.stack),
  ];
  return encodeTable(columns, rows.length, NO_METADATA, level);
}

/** @throws UserError */
export function decodeStates(bytes: Uint8Array, entry: string, reasons: ReasonList): GoroutineState[] {
  const columns = new ColumnAccess(decodeTable(bytes, entry), entry);
  const goid = columns.int64s('goid');
  const pid = columns.unsigned('pid');
  const state = columns.strings('state');
  const from = columns.strings('from');
  const sinceNs = columns.int64s('since_ns');
  const reason = columns.strings('reason');
  const lastNs = columns.int64s('last_ns');
  const lastReason = columns.strings('last_reason');
  const tid = columns.unsigned('tid');
  const cpu = columns.unsigned('cpu');
  const p = columns.unsigned('p');
  const ranOnP = columns.unsigned('ran_on_p');
  const waker = columns.int64s('waker');
  const wakeSource = columns.strings('wake_source');
  const stack = columns.unsigned('stack');
  return goid.map((id, i) => {
    const [since, last] = [sinceNs[i]!, lastNs[i]!];
    if (!(since >= 0 && since <= last && last <= MAXIMUM_NS))
      throw new UserError(
        `${entry}: row ${i} is in its state since ${since} and changed at ${last}, expected an order`,
      );
    return {
      goid: id,
      pid: pid[i]!,
      state: stateNumber(state[i]!, entry),
      cameFrom: from[i] === '' ? CAME_FROM_ANY : stateNumber(from[i]!, entry),
      sinceNs: since,
      reason: reasons.numberOf(reason[i]!),
      lastNs: last,
      lastReason: reasons.numberOf(lastReason[i]!),
      tid: tid[i]!,
      cpu: cpu[i]! & 0xffff,
      p: p[i]! & 0xffff,
      ranOnP: ranOnP[i] !== 0,
      waker: waker[i]!,
      wakeSource: parseWakeSource(wakeSource[i]!),
      stack: stack[i]!,
    };
  });
}

function stateNumber(name: string, entry: string): number {
  const state = parseGoStateName(name);
  if (state === undefined) throw new UserError(`${entry}: unknown goroutine state "${name.slice(0, 40)}"`);
  return state;
}
