import type { ConversionReport, ConvertFormat, ConvertOptions, ConvertOutput, PlanSink } from '../convert/format.js';
import type { ReplayCounts } from '../model/span-sink.js';
import type { TraceSegment, TraceSource } from '../model/trace-segment.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';
import { clippedTo } from '../replay/window/clipped-sink.js';

export interface Conversion {
  readonly report: ConversionReport;
  readonly counts: ReplayCounts;
}

/** Replays a trace into a format. */
export async function convertTrace(
  format: ConvertFormat,
  source: TraceSource,
  output: ConvertOutput,
  options: ConvertOptions = {},
  progress: ((segment: TraceSegment) => void) | undefined = undefined,
): Promise<Conversion> {
  const goroutines = new GoroutineTable();
  let replay: Replay | undefined;
  const writer = await format.open({
    source,
    goroutines,
    output,
    options,
    replay: (sink) => replayAhead(source, sink),
    stateOf: (goroutine) => replay?.stateOf(goroutine),
  });
  replay = new Replay(source.reasons, goroutines, clippedTo(source.facts.window, writer));
  for await (const segment of source.segments()) {
    writer.segment(segment);
    replay.segment(segment);
    await writer.drain();
    progress?.(segment);
  }
  replay.finish(source.endNs);
  assertComplete(replay.counts);
  return { report: await writer.finish(source.endNs), counts: replay.counts };
}

/** Every transition is accounted for; what became of the spans that they ended is the audit of the format. */
function assertComplete({ transitions, anonymous, rows: { ending, first, within } }: ReplayCounts): void {
  const accountedFor = anonymous + ending + first + within;
  if (accountedFor === transitions) return;
  throw new Error(
    `conversion audit: ${transitions} transitions came in, ${accountedFor} are accounted for (a defect of gotape)`,
  );
}

async function replayAhead(source: TraceSource, sink: PlanSink): Promise<GoroutineTable> {
  const goroutines = new GoroutineTable();
  const replay = new Replay(source.reasons, goroutines, clippedTo(source.facts.window, sink));
  for await (const segment of source.segments()) {
    sink.segment(segment);
    replay.segment(segment);
  }
  replay.finish(source.endNs);
  return goroutines;
}
