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
  /** Running, as the runtime says when it leaves a system call, but without a P so far (Go 1.26+). */
  runningWithoutP: 8,
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

const { running, runnable, waiting, preempted, foreign, systemStack, runningWithoutP, leaked, blank, none } = Phase;

/** Phase by state; `waiting` is refined by its reason. */
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
for (const executing of [running, runningWithoutP]) {
  setAction(executing, running, Action.keep);
  setAction(executing, systemStack, Action.keep);
  setAction(systemStack, executing, Action.returnFromSystemStack);
}
setAction(systemStack, systemStack, Action.returnFromSystemStack);
setAction(runningWithoutP, runnable, Action.becomeRunnable);

function setAction(before: number, after: number, action: number): void {
  actionByPhases[(before << 4) | after] = action;
}

function phaseKinds(): SpanKind[] {
  const kinds = new Array<SpanKind>(16).fill(SpanKind.unknown);
  for (const kind of Object.values(SpanKind)) kinds[kind] = kind;
  kinds[systemStack] = SpanKind.running;
  kinds[runningWithoutP] = SpanKind.running;
  kinds[leaked] = SpanKind.waiting;
  kinds[blank] = SpanKind.unknown;
  return kinds;
}
