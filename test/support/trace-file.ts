/** Trace files from sources in memory. */
import { writeFileSync } from 'node:fs';
import type { LossFacts } from '../../src/model/trace-facts.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { TraceWriter } from '../../src/trace/trace-writer.js';

const NO_LOSSES: LossFacts = {
  hits: 0,
  paired: 0,
  submitted: 0,
  dropped: 0,
  faulted: 0,
  filtered: 0,
  partial: 0,
  folded: 0,
  unnamed: 0,
  mismatched: 0,
  clamped: 0,
};

/** Writes what a source holds to a file as the recorder would. */
export async function writeTraceFile(
  path: string,
  source: TraceSource,
  losses: Partial<LossFacts> = {},
): Promise<void> {
  const chunks: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => void chunks.push(bytes.slice()), truncate() {} };
  const writer = new TraceWriter(sink, source.facts, { reasons: source.reasons, level: 1 });
  for await (const { transitions, goroutines, gaps } of source.segments()) {
    writer.segment(transitions, goroutines, gaps);
  }
  writer.finish({
    end: { monotonicNs: String(source.endNs), boottimeNs: '0', realtimeNs: '0' },
    cost: { userCpuNs: 0, systemCpuNs: 0, peakRssBytes: 0, startupCpuNs: 0 },
    stopReason: 'test',
    losses: { ...NO_LOSSES, ...losses },
  });
  writeFileSync(path, Buffer.concat(chunks));
}
