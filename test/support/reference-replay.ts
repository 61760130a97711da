/**
 * Replay once more, written to be obviously right and not to be fast: the events of one goroutine as a list, one piece of
 * time between each two of them, pieces joined to spans. Shares no code with `src/replay`.
 */
import { goStateName } from '../../src/model/go-state.js';
import type { Gap } from '../../src/model/trace-facts.js';
import { NO_P } from '../../src/model/transition-batch.js';
import { isExecutingReason } from '../../src/model/wait-reason.js';
import type { Row } from './text-trace.js';

export interface ReferenceSpan {
  kind: string;
  startNs: number;
  endNs: number;
  reason: string;
  /** Of running spans. */
  tid: number;
  p: number;
  /** Of runnable spans. */
  waker: number;
  hint: string;
  crossesGap: boolean;
}

interface Piece extends ReferenceSpan {
  /** It goes on what the piece before it was. */
  joins: boolean;
  /** No event ended the piece before it, yet it is another one. */
  cutsShort: boolean;
  /** Nobody saw an event end it, so it is not told when it has no length. */
  openEnded: boolean;
}

const ALIVE_KINDS: Readonly<Record<string, string>> = {
  running: 'running',
  copystack: 'running',
  runnable: 'runnable',
  syscall: 'syscall',
  waiting: 'waiting',
  leaked: 'waiting',
  preempted: 'preempted',
};
const NOT_ALIVE = ['idle', 'dead', 'deadextra'];

/** Spans by `pid/goid`, in order of time. */
export function referenceReplay(
  rows: readonly Row[],
  gaps: readonly Gap[],
  endNs: number,
): Map<string, ReferenceSpan[]> {
  const eventsByGoroutine = new Map<string, Row[]>();
  let now = 0;
  for (const row of rows) {
    now = Math.max(now, row.timeNs);
    if (row.goid === 0) continue;
    const key = `${row.pid}/${row.goid}`;
    eventsByGoroutine.set(key, [...(eventsByGoroutine.get(key) ?? []), { ...row, timeNs: now }]);
  }
  const end = Math.max(now, endNs);
  return new Map([...eventsByGoroutine].map(([key, events]) => [key, spansOf(events, gaps, end)]));
}

function spansOf(events: readonly Row[], gaps: readonly Gap[], end: number): ReferenceSpan[] {
  const pieces: Piece[] = [];
  const first = events[0]!;
  if (isAlive(first.from)) pieces.push(darkPiece('unknown', 0, first.timeNs, aliveKind(first.from)));
  for (let index = 0; index < events.length; index++) {
    const next = events[index + 1];
    if (next === undefined) pieces.push(...tail(events, index, end));
    else pieces.push(...between(events, index, next));
  }
  return join(pieces).map((piece) => ({
    kind: piece.kind,
    startNs: piece.startNs,
    endNs: piece.endNs,
    reason: piece.kind === 'waiting' || piece.kind === 'unknown' ? piece.reason : '',
    tid: piece.kind === 'running' ? piece.tid : 0,
    p: piece.kind === 'running' ? piece.p : NO_P,
    waker: piece.kind === 'runnable' ? piece.waker : 0,
    hint: piece.kind === 'unknown' ? piece.hint : '',
    crossesGap: gaps.some((gap) => gap.fromNs < piece.endNs && gap.toNs > piece.startNs),
  }));
}

function tail(events: readonly Row[], index: number, end: number): Piece[] {
  const last = events[index]!;
  if (!isAlive(last.to)) return [];
  const kind = kindAfter(last);
  const reason = kind === 'waiting' ? last.reason : '';
  return [{ ...darkPiece('unknown', last.timeNs, end, kind), reason, cutsShort: goesOn(events, index, kind) }];
}

/** What the goroutine does after an event, as far as that event alone tells. */
function kindAfter(event: Row): string {
  return isSystemStackWait(event) ? 'running' : isStackScan(event) ? 'preempted' : aliveKind(event.to);
}

/** True when the event at `index` does not end what the goroutine did before it. */
function goesOn(events: readonly Row[], index: number, kind: string): boolean {
  const event = events[index]!;
  const before = events[index - 1];
  if (before === undefined || before.to !== event.from || !isAlive(before.to)) return false;
  const kindBefore = looksForP(events, index - 1, event) ? 'runnable' : pieceKind(before, event);
  if (kindBefore !== kind) return false;
  // Two waits are two spans, unless a leak profile only looked at the goroutine.
  const leakProfile = goStateName(event.from) === 'leaked' || goStateName(event.to) === 'leaked';
  return kind !== 'waiting' || (leakProfile && !isSystemStackWait(before) && !isSystemStackWait(event));
}

function between(events: readonly Row[], index: number, next: Row): Piece[] {
  const event = events[index]!;
  if (event.to !== next.from) {
    if (!isAlive(event.to)) return isAlive(next.from) ? [darkPiece('unseen', event.timeNs, next.timeNs, '')] : [];
    const cutsShort = goesOn(events, index, kindAfter(event));
    return [{ ...darkPiece('unseen', event.timeNs, next.timeNs, ''), cutsShort }];
  }
  if (!isAlive(event.to)) return [];
  const before = events[index - 1];
  const from = before !== undefined && before.to === event.from ? pieceKind(before, event) : '';
  const kind = looksForP(events, index, next) ? 'runnable' : pieceKind(event, next);
  return [
    {
      kind,
      startNs: event.timeNs,
      endNs: next.timeNs,
      reason: event.reason,
      tid: event.tid,
      p: event.p,
      waker: from === 'preempted' ? 0 : event.waker,
      hint: 'unknown',
      crossesGap: false,
      joins: goesOn(events, index, kind),
      cutsShort: kind === 'waiting' && isSystemStackWait(event) && goesOn(events, index, 'running'),
      openEnded: false,
    },
  ];
}

/** What a goroutine did from `event` to `next`, which continues it. */
function pieceKind(event: Row, next: Row): string {
  if (isStackScan(event)) return 'preempted';
  if (!isSystemStackWait(event)) return aliveKind(event.to);
  const wentOn = ['running', 'copystack'].includes(goStateName(next.to)) || isSystemStackWait(next);
  return wentOn ? 'running' : 'waiting';
}

function isStackScan(event: Row): boolean {
  const to = goStateName(event.to);
  if (to === 'preempted') return true;
  return to === 'waiting' && (goStateName(event.from) === 'preempted' || event.reason === 'preempted');
}

function isSystemStackWait(event: Row): boolean {
  return goStateName(event.to) === 'waiting' && !isStackScan(event) && isExecutingReason(event.reason);
}

/** syscall→running, and running→runnable without a P on the same thread. */
function looksForP(events: readonly Row[], index: number, next: Row): boolean {
  const event = events[index];
  if (event === undefined || goStateName(event.from) !== 'syscall' || goStateName(event.to) !== 'running') return false;
  const hadP = events.slice(0, index + 1).some((earlier) => earlier.p !== NO_P);
  const stopped = goStateName(next.from) === 'running' && goStateName(next.to) === 'runnable';
  return hadP && stopped && next.p === NO_P && event.tid === next.tid;
}

function join(pieces: readonly Piece[]): Piece[] {
  const spans: Piece[] = [];
  for (const piece of pieces) {
    const last = spans.at(-1);
    if (last !== undefined && piece.joins) last.endNs = piece.endNs;
    else {
      if (last !== undefined && piece.cutsShort) last.openEnded = true;
      spans.push({ ...piece });
    }
  }
  return spans.filter((span) => span.endNs > span.startNs || !(span.openEnded || span.kind === 'unknown'));
}

function darkPiece(kind: string, startNs: number, endNs: number, hint: string): Piece {
  return {
    kind,
    startNs,
    endNs,
    reason: '',
    tid: 0,
    p: NO_P,
    waker: 0,
    hint,
    crossesGap: false,
    joins: false,
    cutsShort: false,
    openEnded: true,
  };
}

function isAlive(state: number): boolean {
  return !NOT_ALIVE.includes(goStateName(state));
}

function aliveKind(state: number): string {
  return ALIVE_KINDS[goStateName(state)] ?? 'unknown';
}
