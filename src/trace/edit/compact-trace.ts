/** Writes a trace with fewer, larger and harder compressed segments. Nothing is lost: `trace-digest.ts` can tell. */

import { UserError } from '../../base/errors.js';
import { nextTurn } from '../../base/next-turn.js';
import type { ByteSink } from '../archive-writer.js';
import { HEADER_ENTRY } from '../entry-names.js';
import type { TraceFile } from '../trace-file.js';
import { TraceWriter } from '../trace-writer.js';
import { MAXIMUM_PACKED_ROWS, SegmentPacker } from './segment-packer.js';
import { assertKnown, assertWhole, otherEntries } from './whole-trace.js';

/**
 * Bytes per transition of the `mixed` workload (770,000 rows; 3.00 as recorded, level 3): 2.16 at level 15, 1.99 at 19,
 * 1.97 at 22; with segments of 65,536 rows 2.26 at 19. Level 19 takes 7 µs a row.
 */
export const COMPACT_LEVEL = 19;

export interface CompactOptions {
  readonly level: number;
  readonly rowsPerSegment?: number;
}

/** @throws UserError for a trace that is not whole, or holds what this version would lose */
export async function compactTrace(trace: TraceFile, sink: ByteSink, options: CompactOptions): Promise<void> {
  assertWhole(trace);
  assertKnown(trace);
  const { summary } = trace;
  const header = trace.entries.find(({ name }) => name === HEADER_ENTRY);
  if (summary === undefined || header === undefined) throw new UserError('has no summary');
  const writer = new TraceWriter(sink, trace.facts, {
    reasons: trace.reasons,
    level: options.level,
    header: trace.readEntry(header),
  });
  const packer = new SegmentPacker(options.rowsPerSegment ?? MAXIMUM_PACKED_ROWS, (segment) =>
    writer.segment(segment.transitions, segment.goroutines, segment.gaps, segment),
  );
  for await (const segment of trace.segments()) {
    packer.add(segment);
    await nextTurn();
  }
  packer.flush();
  assertWhole(trace);
  for (const entry of otherEntries(trace)) writer.entry(entry.name, trace.readEntry(entry));
  writer.finish(summary);
}
