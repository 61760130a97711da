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

/** A schedule that grows, in memory of its own. */
export class OsScheduleList implements OsScheduleBatch {
  length = 0;
  timeNs = new Float64Array();
  pid = new Uint32Array();
  tid = new Uint32Array();
  cpu = new Uint16Array();
  state = new Uint8Array();
  syscall = new Int16Array();

  /** Makes room for `rows` in all. */
  reserve(rows: number): void {
    if (rows <= this.timeNs.length) return;
    const capacity = Math.max(rows, 2 * this.timeNs.length);
    this.timeNs = grown(this.timeNs, new Float64Array(capacity));
    this.pid = grown(this.pid, new Uint32Array(capacity));
    this.tid = grown(this.tid, new Uint32Array(capacity));
    this.cpu = grown(this.cpu, new Uint16Array(capacity));
    this.state = grown(this.state, new Uint8Array(capacity));
    this.syscall = grown(this.syscall, new Int16Array(capacity));
  }

  /** Copies row `row` of a batch behind the last. */
  add(batch: OsScheduleBatch, row: number): void {
    const at = this.length;
    this.reserve(at + 1);
    this.length = at + 1;
    this.timeNs[at] = batch.timeNs[row]!;
    this.pid[at] = batch.pid[row]!;
    this.tid[at] = batch.tid[row]!;
    this.cpu[at] = batch.cpu[row]!;
    this.state[at] = batch.state[row]!;
    this.syscall[at] = batch.syscall[row]!;
  }

  /** Copies all rows of a batch behind the last. */
  append(batch: OsScheduleBatch): void {
    this.reserve(this.length + batch.length);
    for (let row = 0; row < batch.length; row++) this.add(batch, row);
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Rows `from` to `to` (exclusive), as views. */
export function sliceOsSchedule(batch: OsScheduleBatch, from: number, to: number): OsScheduleBatch {
  return {
    length: to - from,
    timeNs: batch.timeNs.subarray(from, to),
    pid: batch.pid.subarray(from, to),
    tid: batch.tid.subarray(from, to),
    cpu: batch.cpu.subarray(from, to),
    state: batch.state.subarray(from, to),
    syscall: batch.syscall.subarray(from, to),
  };
}
