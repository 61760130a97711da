import type { ReplayCounts, SpanSink } from '../model/span-sink.js';
import type { TraceSource } from '../model/trace-segment.js';
import type { GoroutineTable } from './goroutine-table.js';
import { Replay } from './replay.js';

/** Replays a whole trace. A sink that writes and must wait for its output drives {@link Replay} itself. */
export async function replayTrace(
  source: TraceSource,
  goroutines: GoroutineTable,
  sink: SpanSink,
): Promise<ReplayCounts> {
  const replay = new Replay(source.reasons, goroutines, sink);
  for await (const segment of source.segments()) replay.segment(segment);
  replay.finish(source.endNs);
  return replay.counts;
}
