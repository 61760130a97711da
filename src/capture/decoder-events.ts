/** What the decoder of events asks of the recording, and is told by it. */
import type { Label } from '../model/trace-facts.js';
import type { StackRecord } from './description-records.js';
import type { Creation } from './pending-creations.js';
import type { ReasonNumbers } from './wait-reasons.js';

/** Who asks about a goroutine or an address when the loop meets one it does not know. Called rarely. */
export interface DecoderEvents {
  created(pid: number, goid: number, creation: Creation): void;
  found(pid: number, goid: number, timeNs: number, g: number): void;
  /**
   * A goroutine that no other made. Where it is the first one of a program that the process has executed anew: the pid to
   * record that one under, or 0 when it is not to be recorded. Else undefined.
   */
  programBegins(pid: number, startPc: number, goPc: number): number | undefined;
  /** @param reason number of the wait reason that the goroutine had */
  wakeSource(pid: number, returnAddress: number, reason: number): number;
  /** Whether a return address lies in runtime.park_m: only Go 1.19 asks. */
  isPark(pid: number, returnAddress: number): boolean;
  /** Comes before the first row that names it. */
  stackDefined(stack: StackRecord): void;
  /** Id of a defined stack; 0 for a hash that was not. */
  stackOf(hash: number): number;
  /** The goroutine has other labels from now on. */
  relabelled(pid: number, goid: number, timeNs: number, labels: readonly Label[]): void;
  /** The rows have grown beyond a segment, or past its second. */
  segmentFull(): void;
}

export interface DecoderOptions {
  /** CLOCK_MONOTONIC at time 0 of the trace. */
  readonly startNs: bigint;
  readonly reasons: ReasonNumbers;
  /** Up to Go 1.23 the event of a creation shows a stale id. */
  readonly staleGoidAtCreation: boolean;
  /** Go 1.19: a wait reason is valid only when park_m makes the change. */
  readonly reasonOnlyFromPark: boolean;
}
