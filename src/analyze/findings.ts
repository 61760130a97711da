/** What the analysis finds by itself, as plain data: sentences, leaks, critical paths. */
import type { Extreme } from './analysis.js';
import type { StackFrame } from './sections.js';

/** One sentence of the diagnosis. Rules and thresholds: docs/analysis.md. */
export interface Finding {
  /** Name of the rule that found it: `leak`, `sched-wait`, … */
  readonly rule: string;
  /** `problem`: somebody is hurt. `notice`: worth knowing when looking for one. */
  readonly severity: 'problem' | 'notice';
  readonly sentence: string;
  /** The figures that it rests on; they are all in the analysis too. */
  readonly figures: readonly {
    readonly name: string;
    readonly value: number;
    readonly unit: 'ns' | 'share' | 'count';
  }[];
  /** Section that shows more. */
  readonly section: string;
  /** How far it can be trusted: coverage, losses, error of the figures. */
  readonly certainty: string;
  /** When; null when it is about all of the time. */
  readonly atNs: number | null;
  /** The same as wall-clock time of the recording host, ns since 1970; empty when not known. */
  readonly realtimeNs: string;
  readonly goroutines: readonly { readonly pid: number; readonly goid: number }[];
}

/** Goroutines that were created in the trace and then block to its end, from sites that make ever more of them. */
export interface Leaks {
  /** Goroutines of all sites that leak: the metric `goroutines.leaked`. */
  readonly leaked: number;
  /** The definition that was applied. */
  readonly blockedAtLeastNs: number;
  readonly atLeastPerSite: number;
  readonly sites: readonly LeakSite[];
  readonly omitted: number;
}

export interface LeakSite {
  readonly startFunction: string;
  readonly createdBy: string;
  readonly reason: string;
  /** Where they block, the innermost first; empty when not recorded. */
  readonly frames: readonly StackFrame[];
  readonly goroutines: number;
  /** Created by this site in the trace, and how many of them exited. */
  readonly created: number;
  readonly exited: number;
  readonly firstCreatedNs: number;
  readonly lastCreatedNs: number;
  readonly blockedNs: number;
  /** The one that is blocked longest. */
  readonly longest: Extreme;
  readonly examples: readonly { readonly pid: number; readonly goid: number }[];
}

/**
 * Walking back from the end of a goroutine: what it did; while it waited for a goroutine, what that one did; and so on.
 * The steps tile the time from `startNs` to `endNs`.
 */
export interface CriticalPath {
  /** As asked for: a goroutine's id, or a pattern of start functions. */
  readonly of: string;
  /** Goroutines whose paths are added up. */
  readonly goroutines: number;
  readonly totalNs: number;
  /** By start function and state, the longest first, `top` at most. */
  readonly shares: readonly PathShare[];
  readonly omitted: number;
  /** The last steps of the longest path, in order of time, 200 at most; null when no goroutine matches. */
  readonly path: {
    readonly pid: number;
    readonly goid: number;
    readonly startNs: number;
    readonly endNs: number;
    readonly steps: readonly PathStep[];
    readonly stepsOmitted: number;
  } | null;
}

export interface PathShare {
  readonly startFunction: string;
  readonly state: string;
  /** Of waiting time that nobody in the trace ended: what for. */
  readonly reason: string;
  readonly ns: number;
  readonly share: number;
}

export interface PathStep {
  readonly pid: number;
  readonly goid: number;
  readonly startFunction: string;
  readonly state: string;
  readonly reason: string;
  readonly startNs: number;
  readonly ns: number;
}
