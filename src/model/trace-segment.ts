import type { CallInfo } from './call.js';
import type { GoroutineState } from './goroutine-state.js';
import type { OsScheduleBatch } from './os-schedule.js';
import type { FrameInfo, StackInfo } from './stack.js';
import type { Gap, GoroutineInfo, TraceFacts } from './trace-facts.js';
import type { TransitionBatch } from './transition-batch.js';

/** What only some traces have: recorded with `--stacks`, `--call`, `--sched`. */
export interface SegmentDetails {
  /** Frames and stacks that rows of this segment are the first to name; frames before the stacks that hold them. */
  readonly frames?: readonly FrameInfo[] | undefined;
  readonly stacks?: readonly StackInfo[] | undefined;
  /** Calls that ended in this segment. */
  readonly calls?: readonly CallInfo[] | undefined;
  /** Changes of OS threads in the time of this segment. */
  readonly osSchedule?: OsScheduleBatch | undefined;
}

/** One segment of a trace: at most 65,536 transitions and what was first seen among them. */
export interface TraceSegment extends SegmentDetails {
  readonly index: number;
  readonly transitions: TransitionBatch;
  /** Goroutines first seen in this segment. */
  readonly goroutines: readonly GoroutineInfo[];
  readonly gaps: readonly Gap[];
  /** Of a trace that was cut: what its goroutines did when it begins. Told before the rows of the goroutine. */
  readonly states?: readonly GoroutineState[] | undefined;
  /** Of a trace that was cut, in its last segments: the next change of each goroutine behind the end. Not counted. */
  readonly after?: TransitionBatch | undefined;
}

/** What every offline stage reads. `trace/` implements it over files; tests implement it over text. */
export interface TraceSource {
  readonly facts: TraceFacts;
  /** Wait reasons by index; grows while segments are read. Index 0 is the empty string. */
  readonly reasons: readonly string[];
  /** End of the recording, ns since its start; known once the segments are read when the summary is missing. */
  readonly endNs: number;
  /** The segments in order of time. The columns of one are valid until the next is asked for. */
  segments(): AsyncIterable<TraceSegment>;
}
