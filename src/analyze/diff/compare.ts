/**
 * Two traces side by side. A change is called significant when
 *
 * 1. a rank test over slices of time says that it is no accident (p below `alpha` after correction for the number of
 *    tests): what varies from slice to slice within each recording is the measure of what is noise;
 * 2. it is at least `minimumChange` of the smaller value: two runs of one program differ a little, and with enough
 *    events any difference passes a test;
 * 3. it is worth a look: `minimumNsPerSecond` of goroutine time, or it is a change of goroutines that stay.
 */

import type { Change, Diff, DiffMetric, DiffOptions, DiffSide } from './diff.js';
import { DIFF_SCHEMA } from './diff.js';
import type { DiffSampler, Group, GroupKey } from './diff-sampler.js';
import { addTo, DurationSlices, percentileBucket, percentileNs } from './duration-slices.js';
import { adjustForMany, rankTest } from './rank-test.js';

/** Percentiles, and how many durations each side must have for one to be told. */
const PERCENTILES: readonly (readonly [DiffMetric, number, number])[] = [
  ['p50', 50, 20],
  ['p95', 95, 100],
  ['p99', 99, 500],
];
/** Slices of a side that must have durations for a test of their distribution. */
const SLICES_MIN = 5;

type Untested = Omit<Change, 'verdict' | 'p'> & { readonly rawP: number };

export function compareSamples(
  before: DiffSampler,
  after: DiffSampler,
  sides: { readonly before: DiffSide; readonly after: DiffSide },
  options: DiffOptions,
): Diff {
  const untested = [...changesOfGroups(before, after), ...changesOfLives(before, after)];
  const ps = adjustForMany(untested.map(({ rawP }) => rawP));
  const changes = untested.map(({ rawP: _, ...change }, i) => ({
    ...change,
    p: ps[i]!,
    verdict: verdictOf(change, ps[i]!, options),
  }));
  const significant = changes.filter(({ verdict }) => verdict === 'significant').sort(byWeight);
  return {
    schema: DIFF_SCHEMA,
    ...sides,
    options,
    compared: changes.length,
    significant: significant.slice(0, options.top),
    significantOmitted: Math.max(0, significant.length - options.top),
    noise: changes
      .filter(({ verdict }) => verdict === 'noise')
      .sort(byWeight)
      .slice(0, options.top),
  };
}

function byWeight(a: Change, b: Change): number {
  return b.weightNsPerSecond - a.weightNsPerSecond || (nameOf(a) < nameOf(b) ? -1 : 1);
}

const nameOf = ({ startFunction, state, reason, metric }: Change) => [startFunction, state, reason, metric].join('\0');

function verdictOf(
  { before, after, weightNsPerSecond, metric }: Omit<Change, 'verdict' | 'p'>,
  p: number,
  { alpha, minimumChange, minimumNsPerSecond }: DiffOptions,
): Change['verdict'] {
  if (before === after) return 'equal';
  const smaller = Math.min(Math.abs(before), Math.abs(after));
  const isLarge = Math.abs(after - before) >= minimumChange * smaller;
  const isWorthALook = metric === 'stay' || weightNsPerSecond >= minimumNsPerSecond;
  return p < alpha && isLarge && isWorthALook ? 'significant' : 'noise';
}

function changesOfGroups(before: DiffSampler, after: DiffSampler): Untested[] {
  const keys = new Map<string, GroupKey>([...before.groups, ...after.groups]);
  return [...keys].flatMap(([key, group]) => {
    const none = () => ({ ...group, durations: new DurationSlices(before.slices) });
    const a = before.groups.get(key) ?? none();
    const b = after.groups.get(key) ?? none();
    return [...ratesOf(group, a, b, before, after), ...percentilesOf(group, a, b, before, after)];
  });
}

function ratesOf(key: GroupKey, a: Group, b: Group, before: DiffSampler, after: DiffSampler): Untested[] {
  const { startFunction, state, reason } = key;
  const rate = (slices: Float64Array, { durationNs }: DiffSampler) =>
    Array.from(slices, (value) => (value * slices.length * 1e9) / durationNs);
  const change = (metric: DiffMetric, x: number[], y: number[], weight: (delta: number) => number): Untested => {
    const [from, to] = [mean(x), mean(y)];
    const weightNsPerSecond = weight(Math.abs(to - from));
    return { startFunction, state, reason, metric, before: from, after: to, weightNsPerSecond, rawP: rankTest(x, y) };
  };
  const average = mean([a, b].map(({ durations }) => durations.totalNs / Math.max(1, durations.count)));
  return [
    change('time', rate(a.durations.totals, before), rate(b.durations.totals, after), (delta) => delta),
    change('count', rate(a.durations.counts, before), rate(b.durations.counts, after), (delta) => delta * average),
  ];
}

function percentilesOf(key: GroupKey, a: Group, b: Group, before: DiffSampler, after: DiffSampler): Untested[] {
  const { startFunction, state, reason } = key;
  const [from, to] = [a.durations.distribution(), b.durations.distribution()];
  const pooled = new Map<number, number>();
  addTo(pooled, from);
  addTo(pooled, to);
  const perSecond = Math.min(a.durations.count / before.durationNs, b.durations.count / after.durationNs) * 1e9;
  return PERCENTILES.flatMap(([metric, percent, least]) => {
    if (Math.min(a.durations.count, b.durations.count) < least) return [];
    const limit = percentileBucket(pooled, percent)!;
    const [x, y] = [a.durations.sharesAbove(limit), b.durations.sharesAbove(limit)];
    if (Math.min(x.length, y.length) < SLICES_MIN) return [];
    const [fromNs, toNs] = [percentileNs(from, percent), percentileNs(to, percent)];
    // What it is worth: so much longer, for those that are beyond it at least.
    const weightNsPerSecond = Math.abs(toNs - fromNs) * perSecond * (1 - percent / 100);
    return [
      { startFunction, state, reason, metric, before: fromNs, after: toNs, weightNsPerSecond, rawP: rankTest(x, y) },
    ];
  });
}

/** Goroutines that stay: created less exited, each second. */
function changesOfLives(before: DiffSampler, after: DiffSampler): Untested[] {
  const names = new Set([...before.lives.keys(), ...after.lives.keys()]);
  const netOf = (sampler: DiffSampler, name: string) => {
    const lives = sampler.lives.get(name);
    return Array.from({ length: sampler.slices }, (_, slice) => {
      const net = (lives?.created[slice] ?? 0) - (lives?.exited[slice] ?? 0);
      return (net * sampler.slices * 1e9) / sampler.durationNs;
    });
  };
  return [...names].map((startFunction) => {
    const [x, y] = [netOf(before, startFunction), netOf(after, startFunction)];
    const [from, to] = [mean(x), mean(y)];
    return {
      startFunction,
      state: 'goroutines',
      reason: '',
      metric: 'stay',
      before: from,
      after: to,
      // Each of them lives for half of the recording on average.
      weightNsPerSecond: (Math.abs(to - from) * Math.min(before.durationNs, after.durationNs)) / 2,
      rawP: rankTest(x, y),
    };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
