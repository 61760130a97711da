/** Goroutines that wait for each other. */
import { formatCount, formatNs } from '../../base/text.js';
import type { Rule } from '../diagnosis.js';
import { functionText, percentText, plural, whenText } from './words.js';

const LOCKS: ReadonlySet<string> = new Set(['sync.Mutex.Lock', 'sync.RWMutex.Lock', 'sync.RWMutex.RLock']);
/** Goroutines that wait for a lock on average. */
const WAITERS = 0.25;
const WAITS = 10;
const CHAIN_SHARE = 0.25;

export const lockRule: Rule = ({ analysis, facts }) => {
  const locks = analysis.blockReasons.filter(({ reason }) => LOCKS.has(reason));
  const totalNs = locks.reduce((sum, lock) => sum + lock.totalNs, 0);
  const count = locks.reduce((sum, lock) => sum + lock.count, 0);
  const waiters = analysis.durationNs > 0 ? totalNs / analysis.durationNs : 0;
  const worst = locks.toSorted((a, b) => b.longest.ns - a.longest.ns)[0];
  if (worst === undefined || waiters < WAITERS || count < WAITS) return undefined;
  const share = totalNs / analysis.totals.totalNs;
  const place = analysis.sections.block?.stacks.list.find(({ reason }) => LOCKS.has(reason));
  const frame = place?.frames.find(({ function: name }) => !/^(?:sync|runtime|internal\/sync)\./.test(name));
  const where = frame === undefined ? '' : `, most of it in ${frame.function} (${frame.file}:${frame.line})`;
  return {
    rule: 'lock',
    severity: 'problem',
    sentence:
      `${percentText(share)} of goroutine time is waiting for locks (${locks.map(({ reason }) => reason).join(', ')}): ` +
      `on average ${waiters.toFixed(1)} goroutines, ${formatCount(count)} ${plural(count, 'wait')}${where}; the longest took ` +
      `${formatNs(worst.longest.ns)} (g${worst.longest.goid} ${whenText(facts, worst.longest.startNs)})`,
    figures: [
      { name: 'lock.share', value: share, unit: 'share' },
      { name: 'lock.total', value: totalNs, unit: 'ns' },
      { name: 'lock.count', value: count, unit: 'count' },
      { name: 'lock.longest', value: worst.longest.ns, unit: 'ns' },
    ],
    section: 'block',
    atNs: worst.longest.startNs,
    goroutines: [{ pid: worst.longest.pid, goid: worst.longest.goid }],
    weight: waiters / Math.max(1, analysis.goroutines.total),
  };
};

/** Only where chains were looked for. */
export const chainsRule: Rule = ({ analysis, facts }) => {
  const chain = analysis.sections.chains?.list.find(({ links }) => links.some(({ reason }) => LOCKS.has(reason)));
  if (chain === undefined || chain.totalNs < CHAIN_SHARE * analysis.durationNs) return undefined;
  const links = chain.links.map(({ startFunction }) => functionText(startFunction)).join(' ← ');
  return {
    rule: 'chain',
    severity: 'notice',
    sentence:
      `goroutines waited ${formatNs(chain.totalNs)} for others that waited themselves: ${links} ` +
      `(${formatCount(chain.count)} times, the longest for ${formatNs(chain.longest.ns)} ${whenText(facts, chain.longest.startNs)})`,
    figures: [
      { name: 'chain.total', value: chain.totalNs, unit: 'ns' },
      { name: 'chain.count', value: chain.count, unit: 'count' },
    ],
    section: 'chains',
    atNs: chain.longest.startNs,
    goroutines: [{ pid: chain.longest.pid, goid: chain.longest.goid }],
    weight: 0,
  };
};
