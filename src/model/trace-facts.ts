/** What a trace says besides transitions: plain objects, the same for every consumer. */

export type Origin = 'created' | 'found';

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
}

/** A stretch of time in which events were lost. */
export interface Gap {
  readonly fromNs: number;
  readonly toNs: number;
  readonly lost: number;
  /** `ring full`, `read fault`, … */
  readonly why: string;
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
  readonly pid: number;
  readonly executable: string;
  readonly commandLine: readonly string[];
  readonly goVersion: string;
  readonly buildId: string;
  readonly arch: string;
}

/** Header of a trace in plain values. Times in nanoseconds; epoch times as decimal strings (they exceed 2^53). */
export interface TraceFacts {
  readonly formatVersion: number;
  readonly producer: string;
  readonly hostname: string;
  readonly kernel: string;
  readonly bootId: string;
  /** CLOCK_MONOTONIC at the start of the trace; time 0 of every row. */
  readonly startMonotonicNs: string;
  /** CLOCK_REALTIME at the same moment, ns since 1970. */
  readonly startRealtimeNs: string;
  readonly targets: readonly TargetFact[];
  readonly probes: readonly ProbeFact[];
  /** Sentences about what this trace cannot show. */
  readonly invisible: readonly string[];
  readonly notes: readonly string[];
}
