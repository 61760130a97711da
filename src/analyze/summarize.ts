/** What the analyzer added up becomes an {@link Analysis}. Runs once per trace. */
import { HISTOGRAM_RELATIVE_ERROR } from '../base/histogram.js';
import { SpanKind } from '../model/span.js';
import type { GoroutineDirectory, ReplayCounts } from '../model/span-sink.js';
import type { StackDirectory } from '../model/stack-directory.js';
import type { TraceFacts, WindowFact } from '../model/trace-facts.js';
import {
  ANALYSIS_SCHEMA,
  type Analysis,
  type AnalysisWindow,
  type Coverage,
  type LatencySummary,
  type StateTimes,
  type TraceIdentity,
} from './analysis.js';
import type { Analyzer } from './analyzer.js';
import { diagnose } from './diagnosis.js';
import type { CriticalPath } from './findings.js';
import { namedTimes, newSums } from './goroutine-times.js';
import { startFunctionsOf, topGoroutinesOf } from './rankings.js';
import type { AnalysisSections, SectionName } from './sections.js';
import { anomaliesOf, namedTransitions } from './transition-counts.js';
import { warningsOf } from './warnings.js';

export interface AnalysisInput {
  readonly facts: TraceFacts;
  readonly reasons: readonly string[];
  /** Time that the figures are about. */
  readonly durationNs: number;
  /** The stretch that it is, when it is not all that was recorded. */
  readonly window: WindowFact | undefined;
  readonly goroutines: GoroutineDirectory;
  readonly counts: ReplayCounts;
  /** Sentences about what is missing or broken in the file. */
  readonly damage: readonly string[];
  /** Events that the recorder counted as lost; undefined when it did not finish. */
  readonly lostEvents: number | undefined;
  /** Length of lists. */
  readonly top: number;
  readonly stacks: StackDirectory;
  readonly made: readonly SectionName[];
  readonly sections: AnalysisSections;
  readonly criticalPath: CriticalPath | null;
}

export function summarize(analyzer: Analyzer, input: AnalysisInput): Analysis {
  const { goroutines, counts, durationNs, reasons, top } = input;
  const totals = totalsOf(analyzer, goroutines);
  const losses = analyzer.losses.summarize(input.damage, input.lostEvents);
  const coverage = coverageOf(analyzer, totals);
  const analysis = {
    schema: ANALYSIS_SCHEMA,
    trace: identityOf(input.facts),
    window: windowOf(input),
    durationNs,
    transitions: counts.transitions,
    transitionsPerSecond: durationNs > 0 ? (counts.transitions * 1e9) / durationNs : 0,
    goroutines: {
      total: countedOf(analyzer, goroutines),
      created: analyzer.created,
      exited: analyzer.exited,
      aliveAtEnd: analyzer.begun - analyzer.exited,
    },
    totals,
    coverage,
    losses,
    anomalies: anomaliesOf(counts),
    schedulingLatency: latencyOf(analyzer, goroutines),
    blockReasons: analyzer.blocked.summarize(reasons, goroutines),
    systemStackReasons: analyzer.systemStacks.summarize(reasons, goroutines),
    topGoroutines: topGoroutinesOf(analyzer.times, goroutines, top),
    startFunctions: startFunctionsOf(analyzer.times, goroutines, top, (goroutine) => analyzer.counts(goroutine)),
    transitionMatrix: namedTransitions(counts.pairs),
    overTime: analyzer.buckets.summarize(durationNs),
    warnings: warningsOf({ facts: input.facts, losses, coverage, counts }),
    leaks: analyzer.leaks.result({
      goroutines,
      reasons,
      stacks: input.stacks,
      fromNs: input.window?.fromNs ?? 0,
      durationNs,
      top,
    }),
    made: input.made,
    sections: input.sections,
    criticalPath: input.criticalPath,
    relativeError: HISTOGRAM_RELATIVE_ERROR,
  } satisfies Omit<Analysis, 'diagnosis'>;
  return { ...analysis, diagnosis: diagnose({ analysis, long: analyzer.long, goroutines, facts: input.facts }) };
}

function identityOf(facts: TraceFacts): TraceIdentity {
  return {
    producer: facts.producer,
    hostname: facts.host.hostname,
    kernel: facts.host.kernel,
    startRealtimeNs: facts.start.realtimeNs,
    targets: facts.targets.map(({ pid, executable, goVersion }) => ({ pid, executable, goVersion })),
  };
}

function windowOf({ window, durationNs }: AnalysisInput): AnalysisWindow | null {
  if (window === undefined) return null;
  const { fromNs, goids, functions } = window;
  return { fromNs, toNs: fromNs + durationNs, goids, functions };
}

function countedOf(analyzer: Analyzer, goroutines: GoroutineDirectory): number {
  let count = 0;
  for (let goroutine = 0; goroutine < goroutines.size; goroutine++) if (analyzer.counts(goroutine)) count++;
  return count;
}

function totalsOf(analyzer: Analyzer, goroutines: GoroutineDirectory): StateTimes {
  const sums = newSums();
  for (let goroutine = 0; goroutine < goroutines.size; goroutine++) analyzer.times.addTo(sums, goroutine);
  const hint = analyzer.unknownByHint;
  return {
    ...namedTimes(sums),
    unknownByHint: {
      runningNs: hint[SpanKind.running]!,
      runnableNs: hint[SpanKind.runnable]!,
      waitingNs: hint[SpanKind.waiting]!,
      syscallNs: hint[SpanKind.syscall]!,
      preemptedNs: hint[SpanKind.preempted]!,
      unknownNs: hint[SpanKind.unknown]!,
    },
  };
}

function coverageOf(analyzer: Analyzer, totals: StateTimes): Coverage {
  const lifetimeNs = totals.totalNs;
  const knownNs = totals.executionNs + totals.schedWaitNs + totals.blockNs + totals.syscallNs + totals.preemptedNs;
  return {
    lifetimeNs,
    knownNs,
    share: lifetimeNs > 0 ? knownNs / lifetimeNs : 1,
    spansAcrossGaps: analyzer.spansAcrossGaps,
    knownAcrossGapsNs: analyzer.knownAcrossGapsNs,
  };
}

function latencyOf(analyzer: Analyzer, goroutines: GoroutineDirectory): LatencySummary {
  const { latency, longestLatency } = analyzer;
  const { ns, startNs, goroutine } = longestLatency;
  const atMost = (percent: number) => Math.min(latency.percentile(percent), Math.max(ns, 0));
  return {
    count: latency.count,
    p50Ns: atMost(50),
    p90Ns: atMost(90),
    p99Ns: atMost(99),
    p999Ns: atMost(99.9),
    relativeError: HISTOGRAM_RELATIVE_ERROR,
    max: ns < 0 ? null : { ns, startNs, pid: goroutines.pidOf(goroutine), goid: goroutines.goidOf(goroutine) },
  };
}
