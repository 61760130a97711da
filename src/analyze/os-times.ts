/** Result of {@link OsTime}, as plain data. Durations in ns. */

export interface OsTimes {
  /** What the OS did during execution time; the parts add up to it. */
  readonly execution: OsExecution;
  /** What it did during syscall time (cgo calls included); the parts add up to it. */
  readonly syscalls: OsSyscalls;
  /** Syscall time by system call, the longest first. */
  readonly bySyscall: readonly SyscallTimes[];
}

export interface OsExecution {
  readonly onCpuNs: number;
  /** Could run, but the OS gave the CPU to something else. */
  readonly preemptedNs: number;
  /** Asleep outside of any system call: a page fault. */
  readonly asleepInFaultNs: number;
  /** Asleep in a system call of which Go's scheduler was not told (RawSyscall, the runtime's own, vDSO that fell back). */
  readonly asleepInSyscallNs: number;
  /** Stopped by a signal or a debugger, or in a state that has no name here. */
  readonly stoppedNs: number;
  /** Not known: rows were lost, or the thread was not watched. */
  readonly unknownNs: number;
}

export type OsSyscalls = OsExecution;

export interface SyscallTimes {
  /** Of the recording host's architecture; -1: the thread did not leave the CPU, so nobody saw which call it was. */
  readonly number: number;
  /** Spans in which this was the first call that was seen. */
  readonly spans: number;
  /** On the CPU until it left it in this call, or after. Of cgo that may be C code. */
  readonly onCpuNs: number;
  readonly preemptedNs: number;
  readonly asleepNs: number;
}
