/** How many goroutines were in which state, over time. */
import type { StatesOverTime } from '../../../analyze/sections.js';
import { axis, chart, tooltip } from './chart.js';
import { element } from './dom.js';
import { time } from './format.js';
import { STATES } from './states.js';
import { table } from './table.js';

type Bucket = StatesOverTime['buckets'][number];

const NS_OF: readonly ((bucket: Bucket) => number)[] = [
  (bucket) => bucket.runningNs,
  (bucket) => bucket.runnableNs,
  (bucket) => bucket.waitingNs,
  (bucket) => bucket.syscallNs,
  (bucket) => bucket.unseenNs,
  (bucket) => bucket.unknownNs,
  (bucket) => bucket.preemptedNs,
];

/** From the bottom up: what runs and what wants to run matter most, blocked goroutines are usually the most by far. */
const SHOWN = [0, 1, 3, 6, 2];

export function statesOverTime({ bucketNs, buckets }: StatesOverTime): HTMLElement {
  const average = (kind: number, bucket: Bucket) => NS_OF[kind]!(bucket) / bucketNs;
  const present = SHOWN.filter((kind) => buckets.some((bucket) => NS_OF[kind]!(bucket) > 0));
  const handle = chart('Goroutines by state over time', 300, (colors) => ({
    grid: { left: 56, right: 16, top: 40, bottom: 64 },
    legend: { top: 0, textStyle: { color: colors.text } },
    tooltip: {
      ...tooltip(colors),
      trigger: 'axis',
      valueFormatter: (value: unknown) => `${Number(value).toFixed(2)} on average`,
    },
    dataZoom: [{ type: 'inside' }, { type: 'slider', height: 18, bottom: 8 }],
    xAxis: {
      type: 'value',
      min: buckets[0]?.startNs ?? 0,
      max: (buckets.at(-1)?.startNs ?? 0) + bucketNs,
      ...axis(colors),
      axisLabel: { color: colors.text, hideOverlap: true, formatter: (ns: number) => time(ns) },
      axisPointer: { label: { formatter: ({ value }: { value: unknown }) => time(Number(value)) } },
    },
    yAxis: { type: 'value', name: 'goroutines', ...axis(colors) },
    aria: { enabled: true, decal: { show: true } },
    series: present.map((kind) => ({
      type: 'line' as const,
      name: STATES[kind]!.name,
      stack: 'all',
      step: 'start' as const,
      symbol: 'none',
      lineStyle: { width: 0 },
      areaStyle: { opacity: kind === 2 ? 0.45 : 0.9 },
      itemStyle: { color: STATES[kind]!.color },
      data: buckets.map((bucket) => [bucket.startNs, average(kind, bucket)]),
    })),
  }));
  return element('div', {}, handle.root, asTable(buckets, present, average));
}

function asTable(
  buckets: readonly Bucket[],
  kinds: readonly number[],
  average: (kind: number, bucket: Bucket) => number,
): HTMLElement {
  const columns = kinds.map((kind) => ({
    title: STATES[kind]!.name,
    text: (bucket: Bucket) => average(kind, bucket).toFixed(2),
    value: (bucket: Bucket) => average(kind, bucket),
  }));
  const start = {
    title: 'from',
    text: (bucket: Bucket) => time(bucket.startNs),
    value: (bucket: Bucket) => bucket.startNs,
  };
  return element(
    'details',
    {},
    element('summary', {}, 'the same as a table'),
    table([start, ...columns], buckets, { label: 'goroutines by state over time' }),
  );
}
