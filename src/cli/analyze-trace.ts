import type { Analysis } from '../analyze/analysis.js';
import { Analyzer } from '../analyze/analyzer.js';
import type { SectionName } from '../analyze/sections.js';
import { summarize } from '../analyze/summarize.js';
import { WindowAnalyzer } from '../analyze/window-analyzer.js';
import type { LossFacts } from '../model/trace-facts.js';
import type { TraceSource } from '../model/trace-segment.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';
import { type Selection, WindowSource } from '../replay/window/window-source.js';

/** What a trace file knows beyond its events; sources in memory know nothing. */
export interface TraceCondition {
  readonly damage?: readonly string[];
  readonly summary?: { readonly losses: LossFacts } | undefined;
}

export interface AnalyzeOptions {
  readonly top: number;
  /** Undefined: all of the trace. */
  readonly selection?: Selection | undefined;
  /** Sections to make besides the totals; undefined: the usual ones. */
  readonly sections?: readonly SectionName[] | undefined;
}

/** Replays a trace, or a part of it, into an analysis. */
export async function analyzeTrace(
  trace: TraceSource & TraceCondition,
  { top, selection }: AnalyzeOptions,
): Promise<Analysis> {
  const source = selection === undefined ? trace : new WindowSource(trace, selection);
  const { facts, reasons } = source;
  const { window } = facts;
  const analyzer = window === undefined ? new Analyzer() : new WindowAnalyzer(window);
  const goroutines = new GoroutineTable();
  const replay = new Replay(reasons, goroutines, analyzer);
  for await (const segment of source.segments()) {
    analyzer.gaps(segment.gaps);
    replay.segment(segment);
  }
  const { endNs } = source;
  replay.finish(endNs);
  // What the recorder counted is about all that it recorded.
  const losses = selection === undefined ? trace.summary?.losses : undefined;
  return summarize(analyzer, {
    facts,
    reasons,
    window,
    durationNs: Math.max(0, endNs - (window?.fromNs ?? 0)),
    goroutines,
    counts: replay.counts,
    // Read last: a file finds its damage while its segments are read.
    damage: trace.damage ?? [],
    lostEvents: losses && losses.dropped + losses.faulted,
    top,
  });
}
