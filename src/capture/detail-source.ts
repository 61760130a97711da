import type { Gap, ProbeFact } from '../model/trace-facts.js';
import type { SegmentDetails } from '../model/trace-segment.js';

/**
 * What is recorded besides transitions, from programs and a ring buffer of its own (`--call`, `--sched`). A recording
 * drives all of its sources: attach when it is made, begin and stop with it, read at every poll.
 */
export interface DetailSource extends Disposable {
  /** What it attached, and what it could not. */
  readonly probes: readonly ProbeFact[];
  /** Sentences about what this recording of it cannot show. */
  readonly invisible: readonly string[];
  /** Recording starts. @param startNs CLOCK_MONOTONIC at time 0 of the trace */
  begin(startNs: bigint): void;
  /** Reads what has come. */
  poll(): void;
  /** Recording ends, at once: nothing that happens from now on counts. */
  end(): void;
  /** Removes the probes, which may take long; what was submitted before can still be read by a last `poll`. */
  stop(): void;
  /** Hands over what happened up to `untilNs` (since time 0) and was not handed over yet; after `stop`, `Infinity` takes all. */
  take(untilNs: number): SegmentDetails;
  /** Events that were lost, with their time, since the last call; they become gaps of the trace, of this source's `stream`. */
  takeLosses(): readonly (Gap & { readonly stream: string })[];
}
