/** Calls of functions that the user asked to record (`record --call`). */

/** How a recorded call ended. */
export type CallOutcome =
  /** A RET of the function was seen. */
  | 'returned'
  /** It was left without a RET: by a panic that somebody further out recovered, or by `runtime.Goexit`. */
  | 'unwound'
  /** It had not ended when recording did. */
  | 'unfinished'
  /** Its end may have been lost: events were lost meanwhile. */
  | 'unknown';

/** One call. Handed over in order of `endNs`. */
export interface CallInfo {
  readonly pid: number;
  readonly goid: number;
  /** Thread at entry. */
  readonly tid: number;
  /** `main.(*Server).Handle`. */
  readonly function: string;
  readonly startNs: number;
  /** End; of a call that is unfinished or unknown the last moment at which it is known to have lasted. */
  readonly endNs: number;
  /** Recorded calls of this goroutine that it lies in: 0 for the outermost. */
  readonly depth: number;
  readonly outcome: CallOutcome;
  /** Arguments at entry as text, `n=3 name="x" err=nil`; empty when none were recorded. */
  readonly arguments: string;
}
