/** Header and summary of a merged trace. */
import type { CostFacts, LossFacts, SourceFact, TargetFact, TraceFacts, WindowFact } from '../../model/trace-facts.js';
import type { RecordingEnd } from '../trace-writer.js';
import { clocksAt } from './clock-facts.js';
import { GapLosses, NO_COST } from './edited-losses.js';
import type { Placed } from './merge-clocks.js';
import type { ProcessPlan } from './merge-processes.js';

/** @param traces in order of time */
export function mergedFacts(traces: readonly Placed[], { changes }: ProcessPlan, producer: string): TraceFacts {
  const [first] = traces;
  const all = traces.map(({ trace }) => trace.facts);
  const targets = traces.flatMap((trace) =>
    trace.trace.facts.targets.map(
      (target): TargetFact => ({
        ...target,
        pid: changes.get(trace)?.get(target.pid) ?? target.pid,
      }),
    ),
  );
  return {
    ...first!.trace.facts,
    producer,
    targets: distinct(targets),
    probes: distinct(all.flatMap(({ probes }) => probes)),
    invisible: distinct(all.flatMap(({ invisible }) => invisible)),
    notes: distinct(all.flatMap(({ notes }) => notes)),
    window: mergedWindow(traces),
    sources: traces.map((trace) => sourceFact(trace, changes.get(trace) ?? new Map())),
  };
}

export function endOf({ offsetNs, trace }: Placed): number {
  return offsetNs + trace.endNs;
}

/** The trace that lasts longest; of several any. */
export function lastOf(traces: readonly Placed[]): Placed {
  return traces.reduce((last, trace) => (endOf(trace) > endOf(last) ? trace : last));
}

export function mergedEnd(traces: readonly Placed[], losses: GapLosses, transitions: number): RecordingEnd {
  const [first] = traces;
  const last = lastOf(traces);
  const { start } = first!.trace.facts;
  const ownEnd = last.alignment === 'monotonic' ? last.trace.summary?.end : undefined;
  return {
    end: ownEnd ?? clocksAt(endOf(last), start, undefined),
    losses: mergedLosses(traces, losses, transitions),
    cost: mergedCost(traces),
    stopReason: `merged from ${traces.length} traces`,
  };
}

function sourceFact(
  { trace, offsetNs, uncertaintyNs, alignment }: Placed,
  changes: ReadonlyMap<number, number>,
): SourceFact {
  const { producer, host, start } = trace.facts;
  return {
    producer,
    host,
    start,
    end: trace.summary?.end ?? clocksAt(trace.endNs, start, undefined),
    offsetNs,
    uncertaintyNs,
    alignment,
    pids: [...changes].map(([original, pid]) => ({ pid, original })),
    stopReason: trace.summary?.stopReason ?? 'unknown: the recorder did not finish the file',
  };
}

/** Parts of recordings make a part; with a whole recording among them the rest is merely not recorded. */
function mergedWindow(traces: readonly Placed[]): WindowFact | undefined {
  const windows = traces.flatMap(({ trace, offsetNs }) => {
    const { window } = trace.facts;
    return window ? [{ ...window, fromNs: window.fromNs + offsetNs, toNs: window.toNs + offsetNs }] : [];
  });
  if (windows.length < traces.length) return undefined;
  const choices = new Set(windows.map(({ goids, functions }) => JSON.stringify([goids, functions])));
  const { goids, functions } = choices.size === 1 ? windows[0]! : { goids: [], functions: [] };
  const fromNs = Math.min(...windows.map((window) => window.fromNs));
  return { fromNs, toNs: Math.max(...windows.map((window) => window.toNs)), goids, functions };
}

/** What the recorders counted, where that is about what is here; else what the gaps tell. */
function mergedLosses(traces: readonly Placed[], gaps: GapLosses, transitions: number): LossFacts {
  const counted = traces.flatMap(({ trace }) => (trace.summary === undefined ? [] : [trace.summary.losses]));
  const sum = counted.reduce((a, b) => added(a, b), new GapLosses().facts(0));
  const isWhole = counted.length === traces.length && sum.submitted - sum.folded === transitions;
  const isLocated = isWhole && sum.dropped + sum.faulted === gaps.dropped + gaps.faulted;
  return isLocated ? sum : gaps.facts(transitions);
}

function added(a: LossFacts, b: LossFacts): LossFacts {
  const names = Object.keys(b) as (keyof LossFacts)[];
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + b[name]])) as unknown as LossFacts;
}

/** Of two parts of one recording each says what all of it cost. */
function mergedCost(traces: readonly Placed[]): CostFacts {
  const recordings = new Map(traces.map(({ boot, trace }) => [`${boot} ${trace.facts.start.monotonicNs}`, trace]));
  return [...recordings.values()].reduce((sum, { summary }) => {
    const { userCpuNs, systemCpuNs, peakRssBytes, startupCpuNs } = summary?.cost ?? NO_COST;
    return {
      userCpuNs: sum.userCpuNs + userCpuNs,
      systemCpuNs: sum.systemCpuNs + systemCpuNs,
      peakRssBytes: Math.max(sum.peakRssBytes, peakRssBytes),
      startupCpuNs: sum.startupCpuNs + startupCpuNs,
    };
  }, NO_COST);
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
