/**
 * What `gotape analyze` finds, as plain data; `schemas/analysis.schema.json` says the same for other languages.
 * Times are in ns since the start of the trace, durations in ns. Names are those of Go's own tools (`go tool trace`).
 */

import type { CriticalPath, Finding, Leaks } from './findings.js';
import type { AnalysisSections, SectionName } from './sections.js';

export const ANALYSIS_SCHEMA = 'gotape.analysis/1';

export interface Analysis {
  readonly schema: typeof ANALYSIS_SCHEMA;
  readonly trace: TraceIdentity;
  /** Null: all that was recorded. Else what part of it all figures are about (see window-analyzer.ts for the borders). */
  readonly window: AnalysisWindow | null;
  /** Of the recording, or of the window. */
  readonly durationNs: number;
  readonly transitions: number;
  readonly transitionsPerSecond: number;
  readonly goroutines: GoroutineCounts;
  /** Time of all goroutines together. */
  readonly totals: StateTimes;
  readonly coverage: Coverage;
  readonly losses: Losses;
  readonly anomalies: Anomalies;
  readonly schedulingLatency: LatencySummary;
  /** Block time by wait reason, the longest first. */
  readonly blockReasons: readonly ReasonSummary[];
  /** System-stack time by the reason that the runtime gives for it. */
  readonly systemStackReasons: readonly ReasonSummary[];
  readonly topGoroutines: TopGoroutines;
  readonly startFunctions: StartFunctions;
  /** How often each change of state was recorded, the most frequent first. */
  readonly transitionMatrix: readonly TransitionCount[];
  readonly overTime: OverTime;
  /** Sentences about what the figures cannot show. */
  readonly warnings: readonly string[];
  /** The most important first; empty when nothing stands out. */
  readonly diagnosis: readonly Finding[];
  readonly leaks: Leaks;
  /** Sections that were made: those that are not in this list are null in `sections`. */
  readonly made: readonly SectionName[];
  readonly sections: AnalysisSections;
  /** Null when it was not asked for. */
  readonly criticalPath: CriticalPath | null;
  /** Percentiles may be so much too high: of each figure of {@link AnalysisSections}. */
  readonly relativeError: number;
}

/** `[fromNs, toNs)`; up to the end of the recording, that moment is in it. */
export interface AnalysisWindow {
  readonly fromNs: number;
  readonly toNs: number;
  /** Only these goroutines; empty is no such choice. */
  readonly goids: readonly number[];
  /** Only goroutines whose start function matches each of these patterns. */
  readonly functions: readonly string[];
}

export interface TraceIdentity {
  readonly producer: string;
  readonly hostname: string;
  readonly kernel: string;
  /** ns since 1970 as a decimal string: it exceeds 2^53. */
  readonly startRealtimeNs: string;
  readonly targets: readonly TargetIdentity[];
}

export interface TargetIdentity {
  readonly pid: number;
  readonly executable: string;
  readonly goVersion: string;
}

export interface GoroutineCounts {
  readonly total: number;
  /** Creations and exits that are in the trace. */
  readonly created: number;
  readonly exited: number;
  readonly aliveAtEnd: number;
}

/** A goroutine's life, or many lives, by state. All but `systemStackNs` add up to `totalNs`. */
export interface StateTimes {
  readonly totalNs: number;
  /** Execution time: running, in Go code or on the system stack. */
  readonly executionNs: number;
  /** The part of the execution time that the runtime spent on the system stack and calls waiting. */
  readonly systemStackNs: number;
  /** Sched wait time: ready to run, without a P. */
  readonly schedWaitNs: number;
  /** Block time. */
  readonly blockNs: number;
  /** Syscall time. */
  readonly syscallNs: number;
  /** Go's "Block time (preempted)": stopped by the collector to have its stack scanned. */
  readonly preemptedNs: number;
  /** Between two events that do not fit together. */
  readonly unseenNs: number;
  /** Before the first event and after the last. */
  readonly unknownNs: number;
  /** Unknown time by the state that the nearest event names; `unknown` where it names none. */
  readonly unknownByHint: {
    readonly runningNs: number;
    readonly runnableNs: number;
    readonly waitingNs: number;
    readonly syscallNs: number;
    readonly preemptedNs: number;
    readonly unknownNs: number;
  };
}

export interface Coverage {
  readonly lifetimeNs: number;
  /** Lifetime that is neither unseen nor unknown. */
  readonly knownNs: number;
  /** `knownNs / lifetimeNs`; 1 when no goroutine lived. */
  readonly share: number;
  /** Spans that overlap a gap, and known time in them: events within may be missing. */
  readonly spansAcrossGaps: number;
  readonly knownAcrossGapsNs: number;
}

export interface Losses {
  /** False when events were lost or the file is damaged. */
  readonly complete: boolean;
  readonly lostEvents: number;
  readonly gapCount: number;
  /** The gaps that lost most, at most 100. */
  readonly gaps: readonly {
    readonly fromNs: number;
    readonly toNs: number;
    readonly lost: number;
    readonly why: string;
  }[];
  /** Sentences about what is missing or broken in the file. */
  readonly damage: readonly string[];
}

export interface Anomalies {
  /** Changes of state that no Go release makes. */
  readonly illegalTransitions: readonly TransitionCount[];
  /** Changes that happened between two events unseen: the last state known, the next one. */
  readonly unseenTransitions: readonly TransitionCount[];
  /** Rows that lay before their predecessor in time. */
  readonly backwardsInTime: number;
  /** Rows whose goroutine was never learned. */
  readonly withoutGoroutine: number;
}

export interface TransitionCount {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** From runnable to running. Percentiles are at most `relativeError` too high; `max` is exact. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly p999Ns: number;
  readonly relativeError: number;
  /** Null when there is none. */
  readonly max: Extreme | null;
}

export interface Extreme {
  readonly ns: number;
  readonly startNs: number;
  readonly pid: number;
  readonly goid: number;
}

export interface ReasonSummary {
  /** Empty when the trace gives none. */
  readonly reason: string;
  /** Of a window: those that end in it. */
  readonly count: number;
  readonly totalNs: number;
  readonly longest: Extreme;
}

/** The goroutines with the most time in a state, `top` of them at most. */
export interface TopGoroutines {
  readonly execution: readonly GoroutineShare[];
  readonly systemStack: readonly GoroutineShare[];
  readonly schedWait: readonly GoroutineShare[];
  readonly block: readonly GoroutineShare[];
  readonly syscall: readonly GoroutineShare[];
  readonly preempted: readonly GoroutineShare[];
  readonly unseen: readonly GoroutineShare[];
  readonly unknown: readonly GoroutineShare[];
}

export interface GoroutineShare {
  readonly pid: number;
  readonly goid: number;
  /** Empty when unknown. */
  readonly startFunction: string;
  readonly ns: number;
  readonly lifetimeNs: number;
}

export interface StartFunctions {
  /** By execution time, `top` of them at most. */
  readonly list: readonly StartFunctionTimes[];
  readonly omitted: number;
}

export interface StartFunctionTimes extends Omit<StateTimes, 'unknownByHint'> {
  /** Empty: not known. */
  readonly startFunction: string;
  readonly goroutines: number;
}

export interface OverTime {
  readonly bucketNs: number;
  readonly buckets: readonly {
    readonly startNs: number;
    readonly created: number;
    readonly exited: number;
    /** Alive at the end of the bucket. */
    readonly alive: number;
  }[];
}
