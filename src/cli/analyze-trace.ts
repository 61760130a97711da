import type { Analysis } from '../analyze/analysis.js';
import { Analyzer } from '../analyze/analyzer.js';
import type { CollectorInput } from '../analyze/collector.js';
import { CriticalPathFinder } from '../analyze/critical-path.js';
import { SectionAnalyzer } from '../analyze/section-analyzer.js';
import { SectionSet } from '../analyze/section-set.js';
import { type Grouping, SECTION_NAMES, type SectionName } from '../analyze/sections.js';
import { summarize } from '../analyze/summarize.js';
import { WindowAnalyzer } from '../analyze/window-analyzer.js';
import type { LossFacts } from '../model/trace-facts.js';
import type { TraceSource } from '../model/trace-segment.js';
import type { TraceWindow } from '../model/trace-window.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';
import { StackTable } from '../replay/stack-table.js';
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
  /** Beside the totals, the diagnosis and the leaks; none by default, as they take their time. */
  readonly sections?: readonly SectionName[] | 'all' | undefined;
  /** What the section `functions` is about. */
  readonly groupBy?: Grouping | undefined;
  /** A goroutine's id, or a pattern of start functions. */
  readonly criticalPath?: string | undefined;
}

const EVERYTHING: TraceWindow = { fromNs: 0, toNs: Number.POSITIVE_INFINITY };

/** Replays a trace, or a part of it, into an analysis. */
export async function analyzeTrace(trace: TraceSource & TraceCondition, options: AnalyzeOptions): Promise<Analysis> {
  const { top, selection } = options;
  const source = selection === undefined ? trace : new WindowSource(trace, selection);
  const { facts, reasons } = source;
  const { window } = facts;
  const goroutines = new GoroutineTable();
  const stacks = new StackTable();
  const totals = window === undefined ? new Analyzer(goroutines) : new WindowAnalyzer(goroutines, window);
  const more = moreThanTotals(
    { facts, goroutines, reasons, stacks, window: window ?? EVERYTHING, top },
    totals,
    options,
  );
  const replay = new Replay(reasons, goroutines, more.sink ?? totals);
  for await (const segment of source.segments()) {
    totals.gaps(segment.gaps);
    stacks.add(segment);
    more.sink?.segment(segment);
    replay.segment(segment);
  }
  const { endNs } = source;
  more.sink?.finish(endNs);
  replay.finish(endNs);
  // What the recorder counted is about all that it recorded.
  const losses = selection === undefined ? trace.summary?.losses : undefined;
  const durationNs = Math.max(0, endNs - (window?.fromNs ?? 0));
  const { counts } = replay;
  return summarize(totals, {
    facts,
    reasons,
    window,
    durationNs,
    goroutines,
    counts,
    // Read last: a file finds its damage while its segments are read.
    damage: trace.damage ?? [],
    lostEvents: losses && losses.dropped + losses.faulted,
    top,
    stacks,
    made: more.made,
    sections: more.sections.result({ durationNs, counts, isCounted: (goroutine) => totals.counts(goroutine) }),
    criticalPath: more.path?.result() ?? null,
  });
}

/** The sections that were asked for, and the sink that feeds them; undefined when the totals are enough. */
function moreThanTotals(input: CollectorInput, totals: Analyzer, { sections, groupBy, criticalPath }: AnalyzeOptions) {
  const made = sections === 'all' ? SECTION_NAMES : SECTION_NAMES.filter((name) => sections?.includes(name));
  const set = new SectionSet(new Set(made), groupBy ?? 'function', input);
  const path = criticalPath === undefined ? undefined : new CriticalPathFinder(input, criticalPath);
  const collectors = [...set.collectors, ...(path === undefined ? [] : [path])];
  const sink = collectors.length === 0 ? undefined : new SectionAnalyzer(totals, input.window, collectors);
  return { made, sections: set, path, sink };
}
