/** The second half of the sections of an analysis: who wakes, blocks and starves whom, calls, and the operating system. */
import type { Extreme } from './analysis.js';
import type { OsExecution, OsSyscalls, SyscallTimes } from './os-times.js';
import type { DurationStats } from './sections.js';

// --- wakes, chains, hogs, churn --------------------------------------------------------------------------------------

export interface WakeSection {
  /** By start functions, the most frequent first, `top` at most. */
  readonly byFunction: readonly WakeEdge[];
  readonly functionsOmitted: number;
  /** By goroutines. */
  readonly byGoroutine: readonly GoroutineWakeEdge[];
  readonly goroutinesOmitted: number;
  /** Wake-ups between functions of which more different pairs exist than are counted. */
  readonly uncounted: number;
}

export interface WakeEdge {
  /** Start function of who wakes; or `(timer)`, `(netpoll)`, `(gc)`, `(scheduler)`. */
  readonly waker: string;
  readonly wakee: string;
  /** From being made runnable to running. */
  readonly latency: DurationStats;
}

export interface GoroutineWakeEdge {
  readonly pid: number;
  readonly wakerGoid: number;
  readonly wakeeGoid: number;
  readonly waker: string;
  readonly wakee: string;
  readonly count: number;
  /** From being made runnable to running. */
  readonly totalNs: number;
  readonly maxNs: number;
}

/** Who waited for whom, who waited for whom: waits that ended because another goroutine's wait inside of them ended. */
export interface ChainSection {
  /** By time, `top` at most. */
  readonly list: readonly {
    /** The one that waits first; the last one is the one that was not waiting itself. */
    readonly links: readonly { readonly startFunction: string; readonly reason: string }[];
    readonly count: number;
    readonly totalNs: number;
    readonly longest: Extreme;
  }[];
  readonly omitted: number;
  /** Longer ones are cut off there. */
  readonly linksMax: number;
  readonly uncounted: number;
}

/** Runs without a change of state that are longer than `longerThanNs`. */
export interface HogSection {
  readonly longerThanNs: number;
  readonly functions: readonly {
    readonly startFunction: string;
    readonly count: number;
    readonly totalNs: number;
    readonly longest: Extreme;
    /** Time that other goroutines were ready to run meanwhile, of all together. */
    readonly othersRunnableNs: number;
    /** Goroutines that were ready when such a run ended, by start function, the longest wait first, 5 at most. */
    readonly victims: readonly { readonly startFunction: string; readonly count: number; readonly ns: number }[];
  }[];
  readonly omitted: number;
}

export interface ChurnSection {
  readonly sites: readonly {
    /** Function that holds the go statement; empty when not known. */
    readonly createdBy: string;
    readonly startFunction: string;
    readonly created: number;
    readonly perSecond: number;
    readonly exited: number;
    /** Of those that were created and exited in the trace. */
    readonly lifetime: DurationStats | null;
  }[];
  readonly omitted: number;
}

// --- calls -----------------------------------------------------------------------------------------------------------

export interface CallSection {
  readonly functions: readonly {
    readonly function: string;
    readonly goroutines: number;
    /** Calls that returned or were unwound. */
    readonly latency: DurationStats | null;
    readonly unwound: number;
    readonly unfinished: number;
    readonly unknown: number;
    /** What its goroutine did within those whose time could be split; they add up to their length. */
    readonly within: {
      readonly calls: number;
      readonly executionNs: number;
      readonly schedWaitNs: number;
      readonly blockNs: number;
      readonly syscallNs: number;
      readonly preemptedNs: number;
      readonly otherNs: number;
    };
    readonly longest: (Extreme & { readonly arguments: string }) | null;
  }[];
  readonly omitted: number;
}

// --- os --------------------------------------------------------------------------------------------------------------

/** What the operating system did with the threads of goroutines (`record --sched`). */
export interface OsSection {
  /** During execution time; the parts add up to it. */
  readonly execution: OsExecution;
  /** During syscall time (cgo calls included); the parts add up to it. */
  readonly syscalls: OsSyscalls;
  /** By system call, the longest first, `top` at most. */
  readonly bySyscall: readonly NamedSyscallTimes[];
  readonly omitted: number;
}

export interface NamedSyscallTimes extends SyscallTimes {
  /** `futex`; empty: the thread did not leave the CPU, so nobody saw which call it was. */
  readonly name: string;
}
