/**
 * Transitions as text, one to a line, for `gotape replay`:
 *
 *     TIME OLD_STATE NEW_STATE GOID PID TGID [WAIT REASON]
 *     0.001234567 RUNNING(2) WAITING(4) 17 4243 4242 chan receive
 *
 * TIME is seconds since the start of the trace. PID is the thread and TGID the process, as the kernel names them.
 *
 * As JSON a line is an object with `timeNs`, `from`, `to` (names of states), `goid`, `tid`, `pid` (the process), `cpu`, and
 * where the row has them `p`, `reason`, `waker`, `wakeSource`, `stack`.
 */
import { printable, printableJson } from '../base/text.js';
import { goStateName } from '../model/go-state.js';
import { NO_P, NO_STACK, type TransitionBatch } from '../model/transition-batch.js';
import { WakeSource, wakeSourceName } from '../model/wake-source.js';

export type LineFormat = 'text' | 'json';

const stateTexts = Array.from({ length: 256 }, (_, state) => {
  const name = goStateName(state).toUpperCase();
  return name.endsWith(')') ? name : `${name}(${state})`;
});

export function transitionLine(
  batch: TransitionBatch,
  row: number,
  reasons: readonly string[],
  format: LineFormat,
): string {
  const reason = reasons[batch.reason[row]!] ?? '';
  return format === 'json' ? jsonLine(batch, row, reason) : textLine(batch, row, reason);
}

function textLine(batch: TransitionBatch, row: number, reason: string): string {
  const states = `${stateTexts[batch.from[row]!]} ${stateTexts[batch.to[row]!]}`;
  const ids = `${batch.goid[row]} ${batch.tid[row]} ${batch.pid[row]}`;
  return `${secondsText(batch.timeNs[row]!)} ${states} ${ids}${reason === '' ? '' : ` ${printable(reason)}`}\n`;
}

function jsonLine(batch: TransitionBatch, row: number, reason: string): string {
  const line = {
    timeNs: batch.timeNs[row],
    from: goStateName(batch.from[row]!),
    to: goStateName(batch.to[row]!),
    goid: batch.goid[row],
    tid: batch.tid[row],
    pid: batch.pid[row],
    cpu: batch.cpu[row],
    p: batch.p[row] === NO_P ? undefined : batch.p[row],
    reason: reason === '' ? undefined : reason,
    waker: batch.waker[row] === 0 ? undefined : batch.waker[row],
    wakeSource: batch.wakeSource[row] === WakeSource.none ? undefined : wakeSourceName(batch.wakeSource[row]!),
    stack: batch.stack[row] === NO_STACK ? undefined : batch.stack[row],
  };
  return `${printableJson(line)}\n`;
}

/** Nine decimals: every nanosecond. */
export function secondsText(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  return `${seconds}.${String(Math.round(ns - seconds * 1e9)).padStart(9, '0')}`;
}
