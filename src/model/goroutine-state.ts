/**
 * What replay knows of a goroutine at a moment: enough to go on as if it had seen everything before. A trace that was cut
 * from a longer one holds it for the goroutines of its left border (docs/format.md, "states").
 */
export interface GoroutineState {
  readonly pid: number;
  readonly goid: number;
  /** After its last change, a number of `GoState`. */
  readonly state: number;
  /** State before the last change where that matters (`syscall`, `preempted`), else {@link CAME_FROM_ANY}. */
  readonly cameFrom: number;
  /** Start of the span at hand; the fields below are of the change that began it. */
  readonly sinceNs: number;
  readonly reason: number;
  readonly tid: number;
  readonly cpu: number;
  readonly p: number;
  readonly waker: number;
  readonly wakeSource: number;
  readonly stack: number;
  /** Time and wait reason of the last change: it need not have begun a span. */
  readonly lastNs: number;
  readonly lastReason: number;
  /** A P was recorded for it at some time: a change without one then means that it had none. */
  readonly ranOnP: boolean;
}

/** Any state but those that matter. No state has this number. */
export const CAME_FROM_ANY = -1;
