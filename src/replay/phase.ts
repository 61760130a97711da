/**
 * What replay remembers a goroutine to be in, and what a change from one phase to another means for its spans.
 * A phase that is a kind of span has that kind's number.
 */
import { GoState } from '../model/go-state.js';
import { SpanKind } from '../model/span.js';

export const Phase = {
  running: SpanKind.running,
  runnable: SpanKind.runnable,
  waiting: SpanKind.waiting,
  syscall: SpanKind.syscall,
  /** In a state that no known Go release defines. */
  foreign: SpanKind.unknown,
  preempted: SpanKind.preempted,
  /** Called waiting, but executing on the system stack: part of the running span around it. */
  systemStack: 7,
  /** Running, since it left a system call: perhaps without a P so far (Go 1.26+). */
  afterSyscall: 8,
  /** Found to wait for ever by a leak profile (Go 1.26+): it goes on waiting. */
  leaked: 9,
  /** Alive, and nothing is known about the time before the event at hand. */
  blank: 10,
  /** Not yet created, or exited. */
  none: 11,
} as const;

/** What to do with the span at hand. */
export const Action = {
  /** It ends; another one begins. */
  change: 0,
  /** It goes on. */
  keep: 1,
  /** It goes on; a stretch on the system stack has ended. */
  returnFromSystemStack: 2,
  /** It ended already when the goroutine began to wait: that was no system-stack wait, whatever its reason says. */
  splitAtWait: 3,
  /** It may have been waiting for a P all the time. */
  becomeRunnable: 4,
  /** A life begins. */
  begin: 5,
  /** Neither before nor after is there a goroutine. */
  ignore: 6,
} as const;

const { running, runnable, waiting, preempted, foreign, systemStack, afterSyscall, leaked, blank, none } = Phase;

/** Phase by state, as far as the state alone tells. */
export const phaseByState = new Uint8Array(256).fill(foreign);
phaseByState[GoState.idle] = none;
phaseByState[GoState.dead] = none;
phaseByState[GoState.deadextra] = none;
phaseByState[GoState.runnable] = runnable;
phaseByState[GoState.running] = running;
phaseByState[GoState.copystack] = running;
phaseByState[GoState.syscall] = Phase.syscall;
phaseByState[GoState.waiting] = waiting;
phaseByState[GoState.preempted] = preempted;
phaseByState[GoState.leaked] = leaked;

/**
 * Phase after a change, by `(from << 8) | to`. To what this holds for `waiting`, the phase of the row's reason is to be
 * added (`waiting-phases.ts`), where {@link reasonMaskByPair} lets the reason through.
 */
export const phaseByPair = new Uint8Array(1 << 16);
/** 0xffff where a row's reason tells more, else 0: tables instead of branches that nobody could predict. */
export const reasonMaskByPair = new Uint16Array(1 << 16);
for (let pair = 0; pair < 1 << 16; pair++) {
  phaseByPair[pair] = phaseByState[pair & 0xff]!;
  reasonMaskByPair[pair] = (pair & 0xff) === GoState.waiting ? 0xffff : 0;
}
// Whoever takes over a preempted goroutine sets the reason after the probe: the row may carry an old one.
phaseByPair[(GoState.preempted << 8) | GoState.waiting] = preempted;
reasonMaskByPair[(GoState.preempted << 8) | GoState.waiting] = 0;
phaseByPair[(GoState.syscall << 8) | GoState.running] = Phase.afterSyscall;

/** Kind of the span that a phase belongs to. */
export const kindByPhase: readonly SpanKind[] = phaseKinds();

/** `Action` by `(phase before << 4) | phase after`. */
export const actionByPhases = new Uint8Array(256);

const PHASES = Object.values(Phase);
for (const phase of PHASES) {
  // A repeated state changes nothing, but waiting again is another wait (it has a reason of its own).
  if (phase !== waiting) setAction(phase, phase, Action.keep);
  setAction(systemStack, phase, Action.splitAtWait);
  setAction(none, phase, Action.begin);
}
setAction(none, none, Action.ignore);
setAction(waiting, leaked, Action.keep);
setAction(leaked, waiting, Action.keep);
for (const executing of [running, afterSyscall]) {
  setAction(executing, running, Action.keep);
  setAction(executing, systemStack, Action.keep);
  setAction(systemStack, executing, Action.returnFromSystemStack);
}
setAction(systemStack, systemStack, Action.returnFromSystemStack);
setAction(afterSyscall, runnable, Action.becomeRunnable);

function setAction(before: number, after: number, action: number): void {
  actionByPhases[(before << 4) | after] = action;
}

function phaseKinds(): SpanKind[] {
  const kinds = new Array<SpanKind>(16).fill(SpanKind.unknown);
  for (const kind of Object.values(SpanKind)) kinds[kind] = kind;
  kinds[systemStack] = SpanKind.running;
  kinds[afterSyscall] = SpanKind.running;
  kinds[leaked] = SpanKind.waiting;
  kinds[blank] = SpanKind.unknown;
  return kinds;
}
