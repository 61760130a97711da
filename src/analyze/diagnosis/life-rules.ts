/** Goroutines that come and do not go. */
import { formatCount, formatNs } from '../../base/text.js';
import type { Rule } from '../diagnosis.js';
import { functionText, plural } from './words.js';

/** More are there at the end than at a quarter of the time, and in every quarter more. */
const GROWTH = 100;
const CREATED_PER_SECOND = 10_000;

export const leakRule: Rule = ({ analysis }) => {
  const { leaks } = analysis;
  const [worst] = leaks.sites;
  if (worst === undefined) return undefined;
  const frame = worst.frames.find(({ function: name }) => !/^(?:sync|runtime|internal\/sync)\./.test(name));
  const where = frame === undefined ? '' : ` in ${frame.function} (${frame.file}:${frame.line})`;
  const by = worst.createdBy === '' ? '' : `, created by ${worst.createdBy}`;
  const others = leaks.leaked - worst.goroutines;
  return {
    rule: 'leak',
    severity: 'problem',
    sentence:
      `${formatCount(worst.goroutines)} goroutines of ${functionText(worst.startFunction)} leak: they block for the rest of ` +
      `the trace (${worst.reason})${where}${by}; ${formatCount(worst.created)} were created, ${formatCount(worst.exited)} ` +
      `exited${others > 0 ? `; ${formatCount(others)} more ${plural(others, 'goroutine')} of other sites leak` : ''}`,
    figures: [
      { name: 'goroutines.leaked', value: leaks.leaked, unit: 'count' },
      { name: 'leak.goroutines', value: worst.goroutines, unit: 'count' },
      { name: 'leak.blocked', value: worst.blockedNs, unit: 'ns' },
    ],
    section: 'leaks',
    atNs: worst.longest.startNs,
    goroutines: worst.examples,
    // Before all else: it does not end by itself.
    weight: Number.POSITIVE_INFINITY,
    caveat: `blocked for ${formatNs(leaks.blockedAtLeastNs)} or more, from at least ${leaks.atLeastPerSite} goroutines on, ever more of them`,
  };
};

/** For those that grow without a leak being certain: they sleep, or wait for the network. */
export const growthRule: Rule = ({ analysis }) => {
  const { buckets } = analysis.overTime;
  if (analysis.leaks.leaked > 0 || buckets.length < 8) return undefined;
  const alive = [1, 2, 3, 4].map((quarter) => buckets[Math.ceil((buckets.length * quarter) / 4) - 1]!.alive);
  const [first = 0, second = 0, third = 0, last = 0] = alive;
  if (!(first < second && second < third && third < last) || last - first < GROWTH || last < 2 * first)
    return undefined;
  return {
    rule: 'growth',
    severity: 'notice',
    sentence:
      `there are ever more goroutines: ${formatCount(first)} after a quarter of the time, ${formatCount(second)} after ` +
      `half, ${formatCount(last)} at the end; none of them certainly leaks`,
    figures: [
      { name: 'goroutines.atQuarter', value: first, unit: 'count' },
      { name: 'goroutines.atEnd', value: last, unit: 'count' },
    ],
    section: 'churn',
    weight: 0,
  };
};

export const churnRule: Rule = ({ analysis }) => {
  const { created } = analysis.goroutines;
  const perSecond = analysis.durationNs > 0 ? (created * 1e9) / analysis.durationNs : 0;
  if (perSecond < CREATED_PER_SECOND || created < CREATED_PER_SECOND / 10) return undefined;
  const [site] = analysis.sections.churn?.sites ?? [];
  const by = site === undefined || site.createdBy === '' ? '' : `, most of them by ${site.createdBy}`;
  return {
    rule: 'churn',
    severity: 'notice',
    sentence: `${formatCount(perSecond)} goroutines are created per second${by}`,
    figures: [{ name: 'goroutines.createdPerSecond', value: perSecond, unit: 'count' }],
    section: 'churn',
    weight: 0,
  };
};
