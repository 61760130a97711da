import type { Gap, GoroutineInfo } from '../model/trace-facts.js';
import type { SegmentDetails } from '../model/trace-segment.js';
import type { TransitionBatch } from '../model/transition-batch.js';

/** Takes what was recorded, one segment at a time; its columns are reused after the call. */
export interface SegmentSink {
  segment(
    transitions: TransitionBatch,
    goroutines: readonly GoroutineInfo[],
    gaps: readonly Gap[],
    details?: SegmentDetails,
  ): void;
}
