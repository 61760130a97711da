/** The summary of a trace that was repaired: what its tables say, and what is left of what the recorder counted. */
import {
  type ClockFact,
  type Gap,
  type LossFacts,
  losesTransitions,
  type SegmentIndex,
  type TraceFacts,
  type TraceSummary,
} from '../../model/trace-facts.js';

/** What is in the file in the end. */
export interface RepairedTables {
  readonly transitions: number;
  readonly goroutines: number;
  readonly index: readonly SegmentIndex[];
  readonly gaps: Iterable<Gap>;
  /** Latest time in any table. */
  readonly lastNs: number;
}

const READ_FAULT = 'read fault';
const MAXIMUM_LOST = 2 ** 32 - 1;

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

/**
 * Counters that balance with the tables, and how many of the lost events no gap locates.
 * @param counted by the recorder, if that is known: rows that are missing now are lost events
 */
export function rebuildLosses(
  counted: LossFacts | undefined,
  { transitions, gaps }: Pick<RepairedTables, 'transitions' | 'gaps'>,
): { losses: LossFacts; unlocated: number } {
  let faulted = 0;
  let located = 0;
  for (const gap of gaps) {
    if (!losesTransitions(gap)) continue;
    const { lost, why } = gap;
    located += lost;
    if (why === READ_FAULT) faulted += lost;
  }
  if (counted !== undefined && balances(counted)) {
    const missing = counted.submitted - counted.folded - transitions;
    const unlocated = counted.dropped + missing + counted.faulted - located;
    if (missing >= 0 && unlocated <= MAXIMUM_LOST) {
      // Gaps that hold more than was counted are believed: they are in the file.
      const more = Math.max(0, -unlocated);
      const { hits, submitted, dropped } = counted;
      const mended = { hits: hits + more, submitted: submitted - missing, dropped: dropped + missing + more };
      return { losses: { ...counted, ...mended }, unlocated: Math.max(0, unlocated) };
    }
  }
  const dropped = located - faulted;
  const losses = { ...NO_LOSSES, hits: transitions + located, submitted: transitions, dropped, faulted };
  return { losses, unlocated: 0 };
}

function balances(losses: LossFacts): boolean {
  const { hits, paired, submitted, dropped, faulted, filtered } = losses;
  const areCounts = Object.values(losses).every((count) => Number.isSafeInteger(count));
  return areCounts && hits + paired === submitted + dropped + faulted + filtered;
}

export function rebuildSummary(
  facts: TraceFacts,
  original: TraceSummary | undefined,
  tables: RepairedTables,
  losses: LossFacts,
  repaired: readonly string[],
): TraceSummary {
  const reason = original?.stopReason ?? 'the recorder did not finish the file';
  return {
    end: endClocks(facts.start, original?.end, tables.lastNs),
    transitions: tables.transitions,
    goroutines: tables.goroutines,
    losses,
    cost: original?.cost ?? { userCpuNs: 0, systemCpuNs: 0, peakRssBytes: 0, startupCpuNs: 0 },
    stopReason: reason.startsWith('repaired: ') ? reason : `repaired: ${reason}`,
    index: tables.index,
    repaired: [...(original?.repaired ?? []), ...repaired],
  };
}

const MAXIMUM_NS = 2n ** 52n;

/** As recorded, or with the last time that is known: clocks are taken to have run alike. */
function endClocks(start: ClockFact, end: ClockFact | undefined, lastNs: number): ClockFact {
  if (end !== undefined) {
    const length = BigInt(end.monotonicNs) - BigInt(start.monotonicNs);
    if (length >= BigInt(lastNs) && length <= MAXIMUM_NS) return end;
  }
  const later = (ns: string) => String(BigInt.asUintN(64, BigInt(ns) + BigInt(lastNs)));
  return {
    monotonicNs: later(start.monotonicNs),
    boottimeNs: later(start.boottimeNs),
    realtimeNs: later(start.realtimeNs),
  };
}
