/**
 * Which state changes the Go runtime makes, and where. Everything else in a trace is an anomaly:
 * it is counted by its pair of states and never silently repaired.
 * Source: every `casgstatus`, `casGTo…` and `casGFrom…` call in `runtime/*.go` of Go 1.19 … 1.27.
 */
import { GoState } from './go-state.js';

const { idle, runnable, running, syscall, waiting, dead, copystack, preempted, leaked, deadextra } = GoState;

/** `[from, to, where it happens]` */
export const LEGAL_TRANSITIONS: readonly (readonly [from: number, to: number, where: string])[] = [
  [idle, dead, 'newproc1, oneNewExtraM: a new g, not yet a goroutine'],
  [idle, deadextra, 'oneNewExtraM (1.26+)'],
  [dead, runnable, 'newproc1: the go statement'],
  [dead, waiting, 'newproc1 for iter.Pull (1.23+): created parked'],
  [dead, syscall, 'needm: a C thread calls into Go (up to 1.25)'],
  [deadextra, syscall, 'needm (1.26+)'],
  [runnable, running, 'execute'],
  [running, runnable, 'Gosched, goyield, preemption at a safe point, exitsyscall without a P (1.26+)'],
  [running, waiting, 'gopark, casGToWaiting'],
  [running, syscall, 'reentersyscall, entersyscallblock'],
  [running, dead, 'goexit0, gdestroy'],
  [running, copystack, 'newstack: the stack grows'],
  [copystack, running, 'newstack: the stack has grown'],
  [running, preempted, 'casGToPreemptScan: stopped for the garbage collector or a stack scan'],
  [preempted, waiting, 'casGFromPreempted: whoever suspended it takes over'],
  [preempted, preempted, 'casfrom_Gscanstatus: the scan bit is dropped'],
  [waiting, runnable, 'goready, injectglist'],
  [waiting, running, 'return from casGToWaiting (it never stopped executing), coroswitch'],
  [syscall, running, 'exitsyscall'],
  [syscall, runnable, 'exitsyscall0: no P was free (up to 1.25)'],
  [syscall, dead, 'dropm: the C thread leaves Go (up to 1.25)'],
  [syscall, deadextra, 'dropm (1.26+)'],
  [syscall, waiting, 'forEachP, stop-the-world while in entersyscallblock'],
  [waiting, leaked, 'findGoroutineLeaks (1.26+)'],
  [leaked, waiting, 'allGsSnapshotSortedForGC (1.26+)'],
];

const legal = new Uint8Array(1 << 16);
for (const [from, to] of LEGAL_TRANSITIONS) legal[(from << 8) | to] = 1;

/** True when some Go release makes this change of state. `from` and `to` are bytes. */
export function isLegalTransition(from: number, to: number): boolean {
  return legal[(from << 8) | to] === 1;
}
