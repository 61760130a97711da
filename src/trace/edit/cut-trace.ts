/** Writes a part of a trace. Which rows it has is decided elsewhere; what is as it was is copied byte for byte. */
import type { TraceFacts } from '../../model/trace-facts.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import { sliceRows } from '../../model/transition-batch.js';
import type { ByteSink } from '../archive-writer.js';
import type { TableName } from '../entry-names.js';
import type { TraceFile } from '../trace-file.js';
import { TraceWriter } from '../trace-writer.js';
import { piecesOf } from './batch-pieces.js';
import { clocksAt } from './clock-facts.js';
import { GapLosses, NO_COST } from './edited-losses.js';
import { isAttachment, otherEntries } from './whole-trace.js';

/** A part of a trace, as segments. */
export interface TracePart {
  readonly facts: TraceFacts;
  readonly endNs: number;
  segments(): AsyncIterable<PartSegment>;
}

export interface PartSegment extends TraceSegment {
  /** Segment of the trace that it is made of; -1 for none. */
  readonly sourceIndex: number;
  /** Tables that are the trace's own, row for row. */
  readonly unchanged: ReadonlySet<TableName>;
}

export interface CutResult {
  readonly bytes: number;
  readonly transitions: number;
  readonly segments: number;
  /** Segments whose transitions were copied as they are. */
  readonly copied: number;
  /** Goroutines whose state is said. */
  readonly states: number;
  /** Events of any kind. */
  readonly lost: number;
  readonly gaps: number;
}

/** @param part of `trace` */
export async function cutTrace(
  trace: TraceFile,
  part: TracePart,
  sink: ByteSink,
  options: { readonly level: number },
): Promise<CutResult> {
  const writer = new TraceWriter(sink, part.facts, { reasons: trace.reasons, level: options.level });
  const losses = new GapLosses();
  const counts = { transitions: 0, segments: 0, copied: 0, states: 0 };
  for await (const segment of part.segments()) {
    writePart(trace, writer, segment);
    losses.add(segment.gaps);
    counts.segments++;
    counts.transitions += segment.transitions.length;
    counts.states += segment.states?.length ?? 0;
    if (isCopied(segment)) counts.copied++;
  }
  for (const entry of otherEntries(trace).filter(isAttachment)) writer.entry(entry.name, trace.readEntry(entry));
  const { summary, facts } = trace;
  writer.finish({
    end: clocksAt(part.endNs, facts.start, summary?.end),
    losses: losses.facts(counts.transitions),
    cost: summary?.cost ?? NO_COST,
    stopReason: `cut from a longer trace, which ended with: ${summary?.stopReason ?? 'unknown'}`,
  });
  return { ...counts, bytes: writer.bytes, lost: losses.dropped + losses.faulted + losses.details, gaps: losses.gaps };
}

function writePart(trace: TraceFile, writer: TraceWriter, segment: PartSegment): void {
  const { transitions, goroutines, gaps, after, unchanged, sourceIndex } = segment;
  const copy = (table: TableName, rows: number) =>
    rows > 0 && unchanged.has(table) ? trace.tableBytes(sourceIndex, table) : undefined;
  const encoded = {
    transitions: copy('transitions', transitions.length),
    goroutines: copy('goroutines', goroutines.length),
    gaps: copy('gaps', gaps.length),
  };
  const [first, ...more] = after === undefined ? [] : piecesOf(after);
  writer.segment(transitions, goroutines, gaps, { ...segment, after: first, encoded });
  for (const piece of more) writer.segment(sliceRows(piece, 0, 0), [], [], { after: piece });
}

function isCopied({ transitions, unchanged }: PartSegment): boolean {
  return transitions.length > 0 && unchanged.has('transitions');
}
