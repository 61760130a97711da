/** What the garbage collector takes. */
import { formatCount, formatNs } from '../../base/text.js';
import type { Rule } from '../diagnosis.js';
import { percentText, plural, whenText } from './words.js';

const ASSIST = 'GC assist marking';
const WORKER = 'GC worker (active)';
const STOPPING = 'stopping the world';
/** Of the execution time. */
const ASSIST_SHARE = 0.05;
const WORKER_SHARE = 0.25;
/** Of one CPU: below it nobody notices. */
const BUSY = 0.05;
const STOP_NS = 10e6;
const STOP_SHARE = 0.002;
const SCAN_SHARE = 0.05;

export const collectorRule: Rule = ({ analysis }) => {
  const { executionNs } = analysis.totals;
  const of = (wanted: string) => analysis.systemStackReasons.find(({ reason }) => reason === wanted)?.totalNs ?? 0;
  const [assistNs, workerNs] = [of(ASSIST), of(WORKER)];
  const share = executionNs > 0 ? (assistNs + workerNs) / executionNs : 0;
  const hurts = executionNs > 0 && assistNs / executionNs >= ASSIST_SHARE;
  const busy = assistNs + workerNs >= BUSY * analysis.durationNs;
  if (!busy || (!hurts && share < WORKER_SHARE)) return undefined;
  return {
    rule: 'gc',
    severity: 'problem',
    sentence:
      `${percentText(share)} of the execution time is garbage collection: ${formatNs(workerNs)} in mark workers and ` +
      `${formatNs(assistNs)} in goroutines that had to help because they allocate`,
    figures: [
      { name: 'gc.share', value: share, unit: 'share' },
      { name: 'gc.worker', value: workerNs, unit: 'ns' },
      { name: 'gc.assist', value: assistNs, unit: 'ns' },
    ],
    section: 'gc',
    weight: share,
    caveat: 'sweeping is not told apart from other execution',
  };
};

export const worldRule: Rule = ({ analysis, facts }) => {
  const stopping = analysis.systemStackReasons.find(({ reason }) => reason === STOPPING);
  if (stopping === undefined || stopping.longest.ns < STOP_NS) return undefined;
  if (stopping.totalNs < STOP_SHARE * analysis.durationNs) return undefined;
  return {
    rule: 'stop-the-world',
    severity: 'problem',
    sentence:
      `stopping the world took up to ${formatNs(stopping.longest.ns)} (g${stopping.longest.goid} ` +
      `${whenText(facts, stopping.longest.startNs)}; ${formatCount(stopping.count)} ${plural(stopping.count, 'stop')} in all): a goroutine ` +
      'did not reach a point where it can be stopped',
    figures: [
      { name: 'stop.longest', value: stopping.longest.ns, unit: 'ns' },
      { name: 'stop.total', value: stopping.totalNs, unit: 'ns' },
      { name: 'stop.count', value: stopping.count, unit: 'count' },
    ],
    section: 'gc',
    atNs: stopping.longest.startNs,
    goroutines: [{ pid: stopping.longest.pid, goid: stopping.longest.goid }],
    weight: stopping.totalNs / Math.max(1, analysis.durationNs),
    caveat: 'how long it then stood still is not recorded',
  };
};

export const stackScanRule: Rule = ({ analysis }) => {
  const { preemptedNs, executionNs } = analysis.totals;
  if (preemptedNs < SCAN_SHARE * executionNs || preemptedNs < BUSY * analysis.durationNs) return undefined;
  return {
    rule: 'stack-scans',
    severity: 'notice',
    sentence:
      `goroutines stood still for ${formatNs(preemptedNs)} until their stacks were scanned, ` +
      `${percentText(preemptedNs / executionNs)} of the time that they executed`,
    figures: [{ name: 'preempted.total', value: preemptedNs, unit: 'ns' }],
    section: 'gc',
    weight: preemptedNs / Math.max(1, executionNs),
  };
};
