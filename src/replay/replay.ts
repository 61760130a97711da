import type { ReplayCounts, SpanSink } from '../model/span-sink.js';
import type { TraceSegment } from '../model/trace-segment.js';
import type { GoroutineTable } from './goroutine-table.js';

/**
 * Turns transitions into spans. Feed the segments in order, then call {@link finish} once.
 * The table is filled on the way; make it first and hand it to the sink, if the sink needs names.
 */
export class Replay {
  constructor(_reasons: readonly string[], _goroutines: GoroutineTable, _sink: SpanSink) {}

  get counts(): ReplayCounts {
    throw new Error('not written yet');
  }

  segment(_segment: TraceSegment): void {
    throw new Error('not written yet');
  }

  finish(_endNs: number): void {
    throw new Error('not written yet');
  }
}
