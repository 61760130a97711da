/**
 * The parts of an analysis that cost more than the totals, as plain data: each is made only when it is asked for. Times are
 * in ns since the start of the trace, durations in ns. What every figure means: docs/analysis.md.
 */
import type { Extreme } from './analysis.js';
import type {
  CallSection,
  ChainSection,
  ChurnSection,
  HogSection,
  OsSection,
  WakeSection,
} from './relation-sections.js';

export type * from './relation-sections.js';

/** In the order in which a report shows them. */
export const SECTION_NAMES = [
  'functions',
  'block',
  'latency',
  'syscalls',
  'gc',
  'cpu',
  'wakes',
  'chains',
  'hogs',
  'churn',
  'calls',
  'os',
] as const;
export type SectionName = (typeof SECTION_NAMES)[number];

/** A section that was not asked for, or that has nothing to tell of, is null. */
export interface AnalysisSections {
  readonly functions: GroupsSection | null;
  readonly block: BlockSection | null;
  readonly latency: LatencySection | null;
  readonly syscalls: SyscallSection | null;
  readonly gc: GcSection | null;
  readonly cpu: CpuSection | null;
  readonly wakes: WakeSection | null;
  readonly chains: ChainSection | null;
  readonly hogs: HogSection | null;
  readonly churn: ChurnSection | null;
  readonly calls: CallSection | null;
  readonly os: OsSection | null;
}

/**
 * Of a window: `totalNs` is the time within it; all else is about those that end in it, with all their length.
 * Percentiles are at most the analysis's `relativeError` too high, never too low; the rest is exact.
 */
export interface DurationStats {
  readonly count: number;
  readonly totalNs: number;
  readonly minNs: number;
  readonly avgNs: number;
  readonly p50Ns: number;
  readonly p95Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** `[least ns of the bucket, how many]`, in order, without empty ones; a bucket ends where the next possible one begins. */
export type HistogramData = readonly (readonly [leastNs: number, count: number])[];

export interface GoroutineName {
  readonly pid: number;
  readonly goid: number;
  /** Empty when not known. */
  readonly startFunction: string;
}

// --- functions -------------------------------------------------------------------------------------------------------

export const GROUPINGS = ['function', 'creator', 'label', 'reason'] as const;
/** By start function, by the function that created it, by its pprof labels, by wait reason. */
export type Grouping = (typeof GROUPINGS)[number];

export interface GroupsSection {
  readonly by: Grouping;
  /** By execution and sched wait time together (of reasons: by block time), `top` of them at most. */
  readonly list: readonly GroupStats[];
  readonly omitted: number;
}

/** Spans of a group of goroutines by state. Null: there is none. Unseen and unknown time is no span. */
export interface GroupStats {
  /** Empty: not known, or no label. */
  readonly name: string;
  readonly goroutines: number;
  readonly execution: DurationStats | null;
  readonly schedWait: DurationStats | null;
  readonly block: DurationStats | null;
  readonly syscall: DurationStats | null;
  readonly preempted: DurationStats | null;
}

// --- block -----------------------------------------------------------------------------------------------------------

export interface BlockSection {
  readonly reasons: readonly ({ readonly reason: string } & DurationStats)[];
  readonly stacks: StackList;
}

/** Where goroutines were when they began to block; and, by the same stacks, what they executed before they got there. */
export interface StackList {
  /** False: no event of this trace has a stack (recorded without `--stacks`). */
  readonly recorded: boolean;
  /** By block time, `top` of them at most. */
  readonly list: readonly StackTimes[];
  readonly omitted: number;
  /** Block time of spans that have no stack. */
  readonly withoutStackNs: number;
}

export interface StackTimes {
  /** Id in the trace. */
  readonly stack: number;
  readonly reason: string;
  /** The innermost first. */
  readonly frames: readonly StackFrame[];
  readonly truncated: boolean;
  readonly count: number;
  readonly totalNs: number;
  readonly longest: Extreme;
}

export interface StackFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

// --- latency ---------------------------------------------------------------------------------------------------------

export interface LatencySection {
  readonly stats: DurationStats | null;
  readonly histogram: HistogramData;
  readonly heatMap: HeatMap;
  /** The longest waits, `top` of them at most. */
  readonly worst: readonly WorstWait[];
}

/** How many waits of each length ended when. */
export interface HeatMap {
  readonly startNs: number;
  readonly bucketNs: number;
  /** `[time bucket, power of two, how many]`: lengths in [2^n, 2^(n+1)) ns, shorter ones in 0; in order. */
  readonly cells: readonly (readonly [bucket: number, power: number, count: number])[];
}

export interface WorstWait extends GoroutineName {
  readonly startNs: number;
  readonly ns: number;
  /** ns since 1970 by the recording host's clock at the start, as a decimal string. */
  readonly realtimeNs: string;
  readonly waker: number;
  /** Ps that were known at its end, and their time in the wait that the next list explains. */
  readonly ps: number;
  readonly explainedNs: number;
  /** What ran meanwhile, the longest first, 5 at most; times of all Ps together. */
  readonly ranInstead: readonly (GoroutineName & { readonly ns: number })[];
}

// --- syscalls --------------------------------------------------------------------------------------------------------

export interface SyscallSection {
  readonly stats: DurationStats | null;
  readonly byFunction: readonly ({ readonly startFunction: string } & DurationStats)[];
  readonly omitted: number;
  /** The longest ones, `top` at most. */
  readonly longest: readonly Extreme[];
  /** Returns that found no P and had to wait for one (Go 1.26 and later). */
  readonly returnsWithoutP: number;
}

// --- gc --------------------------------------------------------------------------------------------------------------

export interface GcSection {
  /** What goroutines did for the collector or because of it, by what it was. */
  readonly felt: readonly ({
    readonly what: string;
    readonly meaning: string;
    readonly goroutines: number;
  } & DurationStats)[];
  /** Null when they cannot be told apart; see `limits`. */
  readonly cycles: GcCycles | null;
  /** Sentences about what cannot be known. */
  readonly limits: readonly string[];
}

export interface GcCycles {
  readonly count: number;
  /** From the first marking after the cycle before to the end of "garbage collection". */
  readonly marking: DurationStats | null;
  /** The longest ones, `top` at most. */
  readonly longest: readonly GcCycle[];
}

export interface GcCycle {
  readonly startNs: number;
  readonly ns: number;
  readonly workerNs: number;
  readonly assistNs: number;
  readonly stoppingNs: number;
  readonly preemptedNs: number;
}

// --- cpu -------------------------------------------------------------------------------------------------------------

export interface CpuSection {
  /** Ps that ran something; GOMAXPROCS may be more. */
  readonly ps: readonly UnitTime[];
  /** Threads that ran something, `top` at most. */
  readonly threads: readonly UnitTime[];
  readonly threadsOmitted: number;
  /** Execution time of which the P is not known. */
  readonly withoutPNs: number;
  /** How long exactly `running` goroutines ran at once, and how long of it others waited for a P. */
  readonly parallelism: readonly { readonly running: number; readonly ns: number; readonly whileRunnableNs: number }[];
  readonly averageRunning: number;
  readonly averageRunnable: number;
  /** Share of the time in which as many ran as there are known Ps, and others were ready to run. */
  readonly saturatedNs: number;
  readonly saturatedShare: number;
  readonly overTime: StatesOverTime;
}

export interface UnitTime {
  readonly id: number;
  /** Its process. */
  readonly pid: number;
  readonly runs: number;
  readonly ns: number;
  /** Of the time that the figures are about. */
  readonly share: number;
}

/** Goroutine time by state in buckets of time: `ns / bucketNs` is how many were in it on average. */
export interface StatesOverTime {
  readonly bucketNs: number;
  readonly buckets: readonly {
    readonly startNs: number;
    readonly runningNs: number;
    readonly runnableNs: number;
    readonly waitingNs: number;
    readonly syscallNs: number;
    readonly preemptedNs: number;
    readonly unseenNs: number;
    readonly unknownNs: number;
  }[];
}
