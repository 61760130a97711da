/** What the operating system did with the threads of a target (`record --sched`). */

/** What a thread does from a moment on. */
export const OsState = {
  /** On a CPU. */
  onCpu: 0,
  /** Off the CPU although it could run: the OS gave the CPU to another. */
  preempted: 1,
  /** Asleep, interruptible: in a system call, usually. */
  sleeping: 2,
  /** Asleep, not interruptible: disk, page fault. */
  uninterruptible: 3,
  /** Stopped by a signal or a debugger. */
  stopped: 4,
  /** Ended. */
  exited: 5,
  /** A state that this version does not know. */
  other: 6,
} as const;
export type OsState = (typeof OsState)[keyof typeof OsState];

const names = Object.keys(OsState);

export function osStateName(state: number): string {
  return names[state] ?? 'other';
}

export function parseOsState(name: string): number {
  const state = names.indexOf(name);
  return state < 0 ? OsState.other : state;
}

/** `syscall` of a thread that is in none: in user code, or in a page fault or interrupt. */
export const NO_SYSCALL = -1;

/** Changes of threads, in order of time, as columns of at least `length` rows. Columns are reused by their producer. */
export interface OsScheduleBatch {
  readonly length: number;
  /** ns since the start of the trace. */
  readonly timeNs: Float64Array;
  readonly pid: Uint32Array;
  readonly tid: Uint32Array;
  /** CPU that the thread gets or leaves. */
  readonly cpu: Uint16Array;
  /** Numbers of {@link OsState}: what the thread does from here on. */
  readonly state: Uint8Array;
  /** Number of the system call that it is in when it leaves the CPU, of the recording host's architecture; or {@link NO_SYSCALL}. */
  readonly syscall: Int16Array;
}
