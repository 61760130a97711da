/** What `gotape diff` finds, as plain data; schemas/diff.schema.json says the same for other languages. */
import type { TargetIdentity } from '../analysis.js';

export const DIFF_SCHEMA = 'gotape.diff/1';

export interface Diff {
  readonly schema: typeof DIFF_SCHEMA;
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly options: DiffOptions;
  /** Changes that were tested. */
  readonly compared: number;
  /** The weightiest first. */
  readonly significant: readonly Change[];
  readonly significantOmitted: number;
  /** The weightiest changes that are called noise. */
  readonly noise: readonly Change[];
}

export interface DiffSide {
  readonly file: string;
  readonly targets: readonly TargetIdentity[];
  readonly durationNs: number;
  readonly transitions: number;
  readonly lostEvents: number;
}

export interface DiffOptions {
  readonly top: number;
  /** Into how many slices each trace is cut. */
  readonly slices: number;
  readonly alpha: number;
  /** Least change that counts, as a share of the smaller value. */
  readonly minimumChange: number;
  /** Least weight of a change that counts. */
  readonly minimumNsPerSecond: number;
}

/**
 * `time`: ns of goroutine time each second. `count`: each second. `p50`, `p95`, `p99`: ns. `stay`: goroutines created less
 * those that exited, each second.
 */
export type DiffMetric = 'time' | 'count' | 'p50' | 'p95' | 'p99' | 'stay';

export interface Change {
  readonly startFunction: string;
  /** A state, or `goroutines`. */
  readonly state: 'execution' | 'sched wait' | 'block' | 'syscall' | 'goroutines';
  readonly reason: string;
  readonly metric: DiffMetric;
  readonly before: number;
  readonly after: number;
  /** Goroutine time each second that the change amounts to: what changes are ranked by. */
  readonly weightNsPerSecond: number;
  /** Of the rank test, corrected for the number of tests. */
  readonly p: number;
  readonly verdict: 'significant' | 'noise' | 'equal';
}
