/** Goroutines that are ready to run and do not. */
import { formatCount, formatNs } from '../../base/text.js';
import type { Evidence, Rule } from '../diagnosis.js';
import { type LongSpan, nameOf } from '../extremes.js';
import { LONG_NS } from '../long-events.js';
import { functionText, percentText, plural, whenText } from './words.js';

/** Of all time ready or executing, what was lost waiting; and how many waited on average. */
const WAIT_SHARE = 0.1;
const WAITERS = 0.25;
/** CPUs that are busy on average: below it goroutines wait for Ps to wake up, not for each other. */
const BUSY = 0.5;
/** Long waits and runs count when they make up so much of the time that was recorded. */
const LONG_SHARE = 0.05;
const LONG_COUNT = 5;
const SATURATED_SHARE = 0.2;
/** Of the execution time, lost to other programs. */
const OS_SHARE = 0.1;

/** Round lengths that a sentence names. */
const LENGTHS_NS = [10e6, 20e6, 50e6, 100e6, 200e6, 500e6, 1e9, 2e9, 5e9, 10e9, 60e9];

export const schedWaitRule: Rule = (evidence) => {
  const { analysis, long } = evidence;
  const { totals, durationNs, schedulingLatency } = analysis;
  const activeNs = totals.executionNs + totals.schedWaitNs;
  if (activeNs === 0 || durationNs === 0) return undefined;
  const ofActive = totals.schedWaitNs / activeNs;
  const waiters = totals.schedWaitNs / durationNs;
  const busy = totals.executionNs >= BUSY * durationNs;
  const crowded = busy && ofActive >= WAIT_SHARE && waiters >= WAITERS;
  const stalls = long.waitCount >= LONG_COUNT && long.waitNs >= LONG_SHARE * durationNs;
  if (!crowded && !stalls) return undefined;
  const { p99Ns } = schedulingLatency;
  const share = totals.schedWaitNs / totals.totalNs;
  const worst = stalls ? worstMoment(evidence) : undefined;
  const of = crowded
    ? `${percentText(ofActive)} of the time that goroutines were executing or ready to`
    : `${percentText(share)} of goroutine time`;
  return {
    rule: 'sched-wait',
    severity: 'problem',
    sentence:
      `${of} is sched wait: ready to run, without a CPU (on average ${waiters.toFixed(2)} goroutines; ` +
      `99 % of the waits took at most ${formatNs(p99Ns)})${worst === undefined ? '' : `; ${worst.text}`}`,
    figures: [
      { name: 'schedWait.share', value: share, unit: 'share' },
      { name: 'schedWait.ofActive', value: ofActive, unit: 'share' },
      { name: 'schedWait.total', value: totals.schedWaitNs, unit: 'ns' },
      { name: 'schedWait.p99', value: p99Ns, unit: 'ns' },
      { name: 'schedWait.long', value: long.waitCount, unit: 'count' },
    ],
    section: 'latency',
    atNs: worst?.atNs,
    goroutines: worst?.goroutines,
    weight: ofActive,
    caveat: `percentiles are at most ${percentText(schedulingLatency.relativeError)} too high`,
  };
};

/** `3 goroutines waited > 50 ms for a CPU at 12:03:04.1 UTC`. */
function worstMoment({ long, goroutines, facts }: Evidence) {
  const [longest, ...others] = long.waits();
  if (longest === undefined) return undefined;
  const ns = longest.endNs - longest.startNs;
  const thresholdNs = LENGTHS_NS.findLast((length) => length < ns) ?? LONG_NS;
  const together = [
    longest,
    ...others.filter((wait) => overlapNs(wait, longest) > 0 && wait.endNs - wait.startNs > thresholdNs),
  ];
  const who = [...new Set(together.map(({ goroutine }) => goroutine))];
  return {
    text:
      `${formatCount(who.length)} ${plural(who.length, 'goroutine')} waited > ${formatNs(thresholdNs)} for a CPU ` +
      `${whenText(facts, longest.startNs)}`,
    atNs: longest.startNs,
    goroutines: who.slice(0, 10).map((goroutine) => {
      const { pid, goid } = nameOf(goroutine, goroutines);
      return { pid, goid };
    }),
  };
}

function overlapNs(a: LongSpan, b: LongSpan): number {
  return Math.min(a.endNs, b.endNs) - Math.max(a.startNs, b.startNs);
}

/** Of the 256 longest runs and waits, who ran while others waited. */
export const hogRule: Rule = (evidence) => {
  const { analysis, long, goroutines } = evidence;
  const waits = long.waits();
  if (long.runCount === 0 || waits.length === 0) return undefined;
  const byFunction = new Map<string, { overlapNs: number; waits: Set<LongSpan>; longest: LongSpan; runs: number }>();
  for (const run of long.runs()) {
    const name = nameOf(run.goroutine, goroutines).startFunction;
    const of = byFunction.get(name) ?? { overlapNs: 0, waits: new Set<LongSpan>(), longest: run, runs: 0 };
    byFunction.set(name, of);
    of.runs++;
    for (const wait of waits) {
      const ns = overlapNs(run, wait);
      if (ns <= 0) continue;
      of.overlapNs += ns;
      of.waits.add(wait);
    }
  }
  const worst = [...byFunction].toSorted(([, a], [, b]) => b.overlapNs - a.overlapNs)[0];
  if (worst === undefined || worst[1].overlapNs < LONG_SHARE * analysis.durationNs) return undefined;
  const [name, hog] = worst;
  const longestNs = hog.longest.endNs - hog.longest.startNs;
  const { pid, goid } = nameOf(hog.longest.goroutine, goroutines);
  const victims = victimsOf(hog.waits, evidence);
  const osNs = analysis.sections.os?.execution.preemptedNs;
  return {
    rule: 'hog',
    // Who is stopped by the OS for most of his run is no hog.
    severity: osNs !== undefined && osNs > analysis.totals.executionNs / 2 ? 'notice' : 'problem',
    sentence:
      `goroutines of ${functionText(name)} ran ${formatCount(hog.runs)} ${plural(hog.runs, 'time')} for more than ` +
      `${formatNs(LONG_NS)} without yielding, the longest for ${formatNs(longestNs)} (g${goid} ` +
      `${whenText(evidence.facts, hog.longest.startNs)}); ${formatCount(hog.waits.size)} of the ` +
      `${formatCount(waits.length)} longest waits for a CPU fell into these runs: ${victims}`,
    figures: [
      { name: 'hog.runs', value: hog.runs, unit: 'count' },
      { name: 'hog.longest', value: longestNs, unit: 'ns' },
      { name: 'hog.othersWaited', value: hog.overlapNs, unit: 'ns' },
    ],
    section: 'hogs',
    atNs: hog.longest.startNs,
    goroutines: [{ pid, goid }],
    // As heavy as the waits that it explains, and behind them.
    weight:
      (0.9 * analysis.totals.schedWaitNs) / Math.max(1, analysis.totals.executionNs + analysis.totals.schedWaitNs),
    caveat:
      osNs === undefined
        ? 'a run counts as one when the OS took the CPU away meanwhile; record --sched tells'
        : `a run counts as one when the OS took the CPU away meanwhile, as it did for ${formatNs(osNs)} in all`,
  };
};

function victimsOf(waits: ReadonlySet<LongSpan>, { goroutines }: Evidence): string {
  const counts = new Map<string, number>();
  for (const { goroutine } of waits) {
    const name = functionText(nameOf(goroutine, goroutines).startFunction);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sorted = [...counts].toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return sorted
    .slice(0, 3)
    .map(([name, count]) => `${name} (${formatCount(count)})`)
    .join(', ');
}

/** Only where the OS schedule was recorded and looked at. */
export const osRule: Rule = ({ analysis }) => {
  const { os } = analysis.sections;
  const { executionNs } = analysis.totals;
  const preemptedNs = os?.execution.preemptedNs ?? 0;
  if (executionNs === 0 || preemptedNs < OS_SHARE * executionNs || preemptedNs < LONG_SHARE * analysis.durationNs) {
    return undefined;
  }
  const share = preemptedNs / executionNs;
  return {
    rule: 'os-preempted',
    severity: 'problem',
    sentence:
      `for ${percentText(share)} of the execution time (${formatNs(preemptedNs)}) the operating system gave the CPU to ` +
      'something else: other programs, or a limit of CPU time; runs and waits for a CPU are long because of it',
    figures: [
      { name: 'os.preempted', value: preemptedNs, unit: 'ns' },
      { name: 'os.preemptedShare', value: share, unit: 'share' },
    ],
    section: 'os',
    // Before sched wait and hogs, which follow from it.
    weight: 1 + share,
  };
};

export const saturationRule: Rule = ({ analysis }) => {
  const { cpu } = analysis.sections;
  if (cpu === null || cpu.ps.length === 0 || cpu.saturatedShare < SATURATED_SHARE) return undefined;
  const count = cpu.ps.length;
  return {
    rule: 'saturation',
    severity: 'notice',
    sentence:
      `for ${percentText(cpu.saturatedShare)} of the time all ${formatCount(count)} ${plural(count, 'P')} that are known ` +
      `were busy while goroutines were ready to run (on average ${cpu.averageRunning.toFixed(2)} ran and ` +
      `${cpu.averageRunnable.toFixed(2)} were ready)`,
    figures: [
      { name: 'cpu.saturated', value: cpu.saturatedShare, unit: 'share' },
      { name: 'cpu.ps', value: count, unit: 'count' },
    ],
    section: 'cpu',
    weight: cpu.saturatedShare,
    caveat: 'a P on which nothing ever ran is not known: GOMAXPROCS may be more',
  };
};
