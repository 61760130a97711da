import type { Analysis } from '../analyze/analysis.js';
import { Analyzer } from '../analyze/analyzer.js';
import { summarize } from '../analyze/summarize.js';
import type { LossFacts } from '../model/trace-facts.js';
import type { TraceSource } from '../model/trace-segment.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';

/** What a trace file knows beyond its events; sources in memory know nothing. */
export interface TraceCondition {
  readonly damage?: readonly string[];
  readonly summary?: { readonly losses: LossFacts } | undefined;
}

/** Replays a whole trace into an analysis. */
export async function analyzeTrace(source: TraceSource & TraceCondition, options: { top: number }): Promise<Analysis> {
  const analyzer = new Analyzer();
  const goroutines = new GoroutineTable();
  const replay = new Replay(source.reasons, goroutines, analyzer);
  for await (const segment of source.segments()) {
    analyzer.gaps(segment.gaps);
    replay.segment(segment);
  }
  const durationNs = source.endNs;
  replay.finish(durationNs);
  const losses = source.summary?.losses;
  return summarize(analyzer, {
    facts: source.facts,
    reasons: source.reasons,
    durationNs,
    goroutines,
    counts: replay.counts,
    // Read last: a file finds its damage while its segments are read.
    damage: source.damage ?? [],
    lostEvents: losses && losses.dropped + losses.faulted,
    top: options.top,
  });
}
