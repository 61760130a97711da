/** The `calls` table of a trace recorded with `--call` (docs/format.md, "calls"). */
import { UserError } from '../base/errors.js';
import type { CallInfo, CallOutcome } from '../model/call.js';
import { int64Column, stringColumn, uint16Column, uint32Column } from './arrow-columns.js';
import { decodeTable, encodeTable } from './arrow-file.js';
import { ColumnAccess } from './column-access.js';

const OUTCOMES: readonly CallOutcome[] = ['returned', 'unwound', 'unfinished', 'unknown'];
const NO_METADATA: ReadonlyMap<string, string> = new Map();
const MAXIMUM_NS = 2 ** 52;

export function encodeCalls(rows: readonly CallInfo[], level: number): Uint8Array {
  const int64 = (name: string, of: (row: CallInfo) => number) => int64Column(name, rows.map(of));
  const uint32 = (name: string, of: (row: CallInfo) => number) => uint32Column(name, Uint32Array.from(rows, of));
  const text = (name: string, of: (row: CallInfo) => string) => stringColumn(name, rows.map(of));
  const columns = [
    int64('start_ns', ({ startNs }) => startNs),
    int64('end_ns', ({ endNs }) => endNs),
    int64('goid', ({ goid }) => goid),
    uint32('pid', ({ pid }) => pid),
    uint32('tid', ({ tid }) => tid),
    text('function', (row) => row.function),
    uint16Column(
      'depth',
      Uint16Array.from(rows, ({ depth }) => Math.min(depth, 0xffff)),
    ),
    text('outcome', ({ outcome }) => outcome),
    text('arguments', (row) => row.arguments),
  ];
  return encodeTable(columns, rows.length, NO_METADATA, level);
}

/** @throws UserError */
export function decodeCalls(bytes: Uint8Array, entry: string): CallInfo[] {
  const columns = new ColumnAccess(decodeTable(bytes, entry), entry);
  const startNs = columns.int64s('start_ns');
  const endNs = columns.int64s('end_ns');
  const goid = columns.int64s('goid');
  const pid = columns.unsigned('pid');
  const tid = columns.unsigned('tid');
  const functions = columns.strings('function');
  const depth = columns.unsigned('depth');
  const outcome = columns.strings('outcome');
  const given = columns.strings('arguments');
  return goid.map((id, i) => {
    const [start, end] = [startNs[i]!, endNs[i]!];
    if (!(start >= 0 && start <= end && end <= MAXIMUM_NS))
      throw new UserError(`${entry}: row ${i} is a call from ${start} to ${end} ns, expected 0 to ${MAXIMUM_NS}`);
    return {
      pid: pid[i]!,
      goid: id,
      tid: tid[i]!,
      function: functions[i]!,
      startNs: start,
      endNs: end,
      depth: depth[i]!,
      outcome: OUTCOMES.find((known) => known === outcome[i]) ?? 'unknown',
      arguments: given[i]!,
    };
  });
}
