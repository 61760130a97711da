/** What Go's own reader, and replay, say about a trace: time by state of every goroutine. */
import { spawnSync } from 'node:child_process';
import { printable } from '../../src/base/text.js';
import { convertTrace } from '../../src/cli/convert-trace.js';
import { shownKind } from '../../src/convert/becoming.js';
import type { ConversionReport, ConvertFormat, ConvertOptions } from '../../src/convert/format.js';
import { blockReason } from '../../src/convert/gotrace/trace-words.js';
import { type Span, SpanKind } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { Replay } from '../../src/replay/replay.js';
import { clippedTo } from '../../src/replay/window/clipped-sink.js';
import { buildGoModule } from './go-build.js';

/** ns by state, `waiting: REASON` by reason; states of no time are not there. */
export type Totals = Readonly<Record<string, number>>;

export interface GoroutineTotals {
  readonly goid: number;
  readonly name?: string;
  readonly totals?: Totals;
}

/** Files that a conversion wrote, by name; the only one of most is called ''. */
export async function convertToMemory(format: ConvertFormat, source: TraceSource, options: ConvertOptions = {}) {
  const files = new Map<string, Buffer>();
  const create = async (name = '') => {
    const chunks: Uint8Array[] = [];
    const close = async () => void files.set(name, Buffer.concat(chunks));
    return { write: async (bytes: Uint8Array) => void chunks.push(bytes.slice()), close };
  };
  const { report } = await convertTrace(format, source, { create }, options);
  return { files, report: report as ConversionReport };
}

/** What golang.org/x/exp/trace reads, file by file; throws what it complains about. */
export function goTotals(...files: readonly string[]): readonly (readonly GoroutineTotals[])[] {
  const reader = buildGoModule('truth/gotrace-times');
  const { status, stdout, stderr } = spawnSync(reader, ['-totals', ...files], { encoding: 'utf8', maxBuffer: 1 << 29 });
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { goroutines: GoroutineTotals[] }).goroutines);
}

/** The same from gotape's own replay; goroutines of which nothing is known are left out. */
export async function replayTotals(source: TraceSource, pid?: number): Promise<Map<number, Totals>> {
  const goroutines = new GoroutineTable();
  const totals = new Map<number, Record<string, number>>();
  const blank = new Set<number>();
  const created = new Set<number>();
  const begin = (goroutine: number, _timeNs: number, isCreated: boolean) => {
    if (isCreated) created.add(goroutines.goidOf(goroutine));
  };
  const end = (goroutine: number) => void blank.delete(goroutines.goidOf(goroutine));
  const span = (span: Span) => {
    if (pid !== undefined && goroutines.pidOf(span.goroutine) !== pid) return;
    const goid = goroutines.goidOf(span.goroutine);
    const sums = totals.get(goid) ?? {};
    if (!created.has(goid) && !totals.has(goid) && span.kind === SpanKind.unknown && span.hint === SpanKind.unknown)
      blank.add(goid);
    else blank.delete(goid);
    totals.set(goid, sums);
    const state = stateName(span, source.reasons);
    if (span.endNs > span.startNs) sums[state] = (sums[state] ?? 0) + span.endNs - span.startNs;
  };
  const sink = clippedTo(source.facts.window, { begin, span, systemStack() {}, end });
  const replay = new Replay(source.reasons, goroutines, sink);
  for await (const segment of source.segments()) replay.segment(segment);
  replay.finish(source.endNs);
  for (const goid of blank) totals.delete(goid);
  return totals;
}

function stateName(span: Span, reasons: readonly string[]): string {
  const kind = shownKind(span);
  const { reason, tid, stack, waker } = span;
  switch (kind) {
    case SpanKind.running:
      return 'running';
    case SpanKind.runnable:
      return 'runnable';
    case SpanKind.syscall:
      return 'syscall';
    default:
      // Half a character becomes a whole one on its way through UTF-8.
      return `waiting: ${Buffer.from(printable(blockReason({ kind, reason, tid, stack, waker }, reasons))).toString()}`;
  }
}
