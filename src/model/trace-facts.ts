/** What a trace says besides transitions: plain objects, the same for every consumer. */
import type { TraceWindow } from './trace-window.js';

/**
 * `referred`: the goroutine is only named by others (as waker, as creator); its own time is not in the trace.
 * `relabelled`: a later row of a goroutine that has one already, because its pprof labels changed.
 */
export type Origin = 'created' | 'found' | 'referred' | 'relabelled';

export interface GoroutineInfo {
  readonly pid: number;
  readonly goid: number;
  /** Time of the first event, ns since the start of the trace. */
  readonly firstSeenNs: number;
  /** `created`: the go statement was seen. `found`: it ran already when recording began. */
  readonly origin: Origin;
  /** Creator's id; 0 when unknown or none. */
  readonly parentGoid: number;
  /** Name of the start function as Go prints it; empty when unknown. */
  readonly startFunction: string;
  /** Function that holds the go statement, with file and line; empty when unknown. */
  readonly createdBy: string;
  /**
   * pprof labels (`pprof.Do`, `pprof.SetGoroutineLabels`) that it had when first seen or, in a later row of the same
   * goroutine with origin `relabelled`, has from `firstSeenNs` on. Absent: none, or not recorded.
   */
  readonly labels?: readonly Label[] | undefined;
}

export interface Label {
  readonly key: string;
  readonly value: string;
}

/** A stretch of time in which events were lost. */
export interface Gap {
  readonly fromNs: number;
  readonly toNs: number;
  readonly lost: number;
  /** `ring full`, `read fault`, … */
  readonly why: string;
  /**
   * What was lost: `calls`, `osSchedule`, `stacks`, `labels`, or what a later version names. Absent: transitions. Only
   * those break what is known of goroutines' states.
   */
  readonly stream?: string | undefined;
}

/** True when transitions were lost, and not what is recorded besides them. */
export function losesTransitions({ stream }: Gap): boolean {
  return stream === undefined;
}

/** One probe and what its absence hides. */
export interface ProbeFact {
  readonly symbol: string;
  readonly attached: boolean;
  /** Instruction that carries the breakpoint, as byte offset into the function. */
  readonly offset: number;
  readonly instruction: string;
  /** False when the kernel must single-step it out of line (10–30 µs a hit in place of 1 µs). */
  readonly emulated: boolean;
  /** Why it is not attached; empty when it is. */
  readonly why: string;
}

export interface TargetFact {
  /** 0: every process of the executable. */
  readonly pid: number;
  /** Its pid as the process itself sees it, in a container; absent when that is the same, or not known. */
  readonly innerPid?: number | undefined;
  readonly executable: string;
  readonly commandLine: readonly string[];
  readonly goVersion: string;
  readonly buildId: string;
  readonly arch: string;
  readonly layout: readonly LayoutFact[];
  readonly warnings: readonly string[];
}

/** Offset of a field of the Go runtime, and where it was learned. */
export interface LayoutFact {
  readonly name: string;
  readonly offset: number;
  readonly source: string;
}

export interface HostFact {
  readonly hostname: string;
  readonly kernel: string;
  readonly arch: string;
  readonly bootId: string;
  readonly cpus: number;
}

/** One moment on three clocks, ns as decimal strings: they exceed 2^53. */
export interface ClockFact {
  readonly monotonicNs: string;
  readonly boottimeNs: string;
  readonly realtimeNs: string;
}

export interface RecordOptionsFact {
  readonly bufferBytes: number;
  readonly zstdLevel: number;
  /** 0 is no limit. */
  readonly durationNs: number;
  readonly maxBytes: number;
}

/** What part of a longer trace a trace is. */
export interface WindowFact extends TraceWindow {
  /** Only these goroutines; empty is no such choice. */
  readonly goids: readonly number[];
  /** Patterns that the start functions of its goroutines matched, each of them. */
  readonly functions: readonly string[];
}

/** A trace that was merged into another. */
export interface SourceFact {
  readonly producer: string;
  readonly host: HostFact;
  readonly start: ClockFact;
  readonly end: ClockFact;
  /** Its time 0 in the time of the merged trace, and how wrong that may be. */
  readonly offsetNs: number;
  readonly uncertaintyNs: number;
  /** How its clock was aligned: `monotonic` (same boot) or `realtime`. */
  readonly alignment: string;
  /** Processes whose id is another in the merged trace. */
  readonly pids: readonly { readonly pid: number; readonly original: number }[];
  readonly stopReason: string;
}

/** Header of a trace: everything known before the first event. */
export interface TraceFacts {
  readonly formatVersion: number;
  readonly producer: string;
  readonly host: HostFact;
  /** `start.monotonicNs` is time 0 of every row. */
  readonly start: ClockFact;
  readonly targets: readonly TargetFact[];
  readonly probes: readonly ProbeFact[];
  /** Sentences about what this trace cannot show. */
  readonly invisible: readonly string[];
  readonly options: RecordOptionsFact;
  readonly notes: readonly string[];
  /** Undefined for a trace as it was recorded. */
  readonly window?: WindowFact | undefined;
  /** Traces that this one was merged from. */
  readonly sources?: readonly SourceFact[] | undefined;
}

/** What was counted, see `Losses` in schemas/trace.proto: hits + paired = submitted + dropped + faulted + filtered. */
export interface LossFacts {
  readonly hits: number;
  readonly paired: number;
  readonly submitted: number;
  readonly dropped: number;
  readonly faulted: number;
  readonly filtered: number;
  readonly partial: number;
  readonly folded: number;
  readonly unnamed: number;
  readonly mismatched: number;
  readonly clamped: number;
}

export interface CostFacts {
  readonly userCpuNs: number;
  readonly systemCpuNs: number;
  readonly peakRssBytes: number;
  /** Part of the CPU time that went before recording began. */
  readonly startupCpuNs: number;
}

/** Last entry of a trace: what is known only at the end. */
export interface TraceSummary {
  readonly end: ClockFact;
  readonly transitions: number;
  readonly goroutines: number;
  readonly losses: LossFacts;
  readonly cost: CostFacts;
  readonly stopReason: string;
  readonly index: readonly SegmentIndex[];
  /** Not as the recorder wrote it: sentences about what `gotape repair` could not keep. */
  readonly repaired?: readonly string[];
}

export interface SegmentIndex {
  readonly firstNs: number;
  readonly lastNs: number;
  readonly rows: number;
  readonly lost: number;
}
