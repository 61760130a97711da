/** Scheduling latency: how long goroutines were ready before they ran. */
import type { HeatMap, HistogramData, LatencySection } from '../../../analyze/sections.js';
import { axis, chart, tooltip } from './chart.js';
import { element } from './dom.js';
import { clock, count, functionName, time } from './format.js';
import { SCHED_WAIT } from './states.js';
import { table } from './table.js';

export function latency(section: LatencySection): HTMLElement {
  return element(
    'div',
    {},
    element('h3', {}, 'How long'),
    histogram(section.histogram),
    element('h3', {}, 'When'),
    heatMap(section.heatMap),
    element('h3', {}, 'The longest waits, and what ran instead'),
    worst(section),
  );
}

/** The fine buckets of the analysis, four for each power of two. */
function histogram(data: HistogramData): HTMLElement {
  const coarse = new Map<number, number>();
  for (const [ns, many] of data) {
    const bucket = Math.floor(Math.log2(Math.max(1, ns)) * 4);
    coarse.set(bucket, (coarse.get(bucket) ?? 0) + many);
  }
  const keys = [...coarse.keys()];
  const first = Math.min(...keys);
  const rows = keys.length === 0 ? [] : Array.from({ length: Math.max(...keys) - first + 1 }, (_, i) => first + i);
  const nameOf = (bucket: number) => time(2 ** (bucket / 4));
  return chart('Histogram of scheduling latency', 240, (colors) => ({
    grid: { left: 64, right: 16, top: 16, bottom: 48 },
    tooltip: {
      ...tooltip(colors),
      trigger: 'axis',
      valueFormatter: (value: unknown) => `${count(Number(value))} waits`,
    },
    xAxis: {
      type: 'category',
      data: rows.map(nameOf),
      name: 'at least',
      nameLocation: 'middle',
      nameGap: 28,
      ...axis(colors),
    },
    yAxis: { type: 'log', min: 0.8, name: 'waits', ...axis(colors) },
    series: [
      {
        type: 'bar',
        barCategoryGap: '8%',
        itemStyle: { color: SCHED_WAIT.color },
        data: rows.map((bucket) => coarse.get(bucket) ?? null),
      },
    ],
  })).root;
}

function heatMap({ startNs, bucketNs, cells }: HeatMap): HTMLElement {
  const powers = cells.map(([, power]) => power);
  const low = Math.min(...powers, 10);
  const high = Math.max(...powers, low);
  const buckets = Math.max(0, ...cells.map(([bucket]) => bucket)) + 1;
  const most = Math.max(1, ...cells.map(([, , many]) => many));
  return chart('Heat map of scheduling latency over time', 260, (colors) => ({
    grid: { left: 64, right: 80, top: 12, bottom: 40 },
    tooltip: {
      ...tooltip(colors),
      formatter: (found: unknown) => {
        const [bucket, row, , many] = (found as { value: readonly number[] }).value;
        const from = startNs + bucket! * bucketNs;
        const power = low + row!;
        return `${time(from)} – ${time(from + bucketNs)}\n${time(2 ** power)} – ${time(2 ** (power + 1))}\n${count(many!)} waits`;
      },
    },
    visualMap: {
      min: 0,
      max: Math.log10(most) || 1,
      dimension: 2,
      right: 0,
      top: 'middle',
      itemHeight: 120,
      calculable: false,
      text: [count(most), '1'],
      textStyle: { color: colors.text },
      inRange: { color: colors.isDark ? ['#3a2410', '#d55e00', '#ffe0b0'] : ['#ffe9d0', '#d55e00', '#4a1c00'] },
    },
    xAxis: {
      type: 'category',
      data: Array.from({ length: buckets }, (_, bucket) => time(startNs + bucket * bucketNs)),
      ...axis(colors),
    },
    yAxis: {
      type: 'category',
      data: Array.from({ length: high - low + 1 }, (_, i) => time(2 ** (low + i))),
      ...axis(colors),
    },
    series: [
      {
        type: 'heatmap',
        data: cells.map(([bucket, power, many]) => [bucket, power - low, Math.log10(many), many]),
        encode: { x: 0, y: 1, value: 2 },
      },
    ],
  })).root;
}

function worst({ worst: waits }: LatencySection): HTMLElement {
  type Wait = LatencySection['worst'][number];
  const instead = ({ ranInstead }: Wait) =>
    ranInstead.map(({ goid, startFunction, ns }) => `${functionName(startFunction)} (${goid}) ${time(ns)}`).join(', ');
  return table<Wait>(
    [
      { title: 'at', text: ({ startNs }) => time(startNs), value: ({ startNs }) => startNs },
      { title: 'clock', text: ({ realtimeNs }) => clock(realtimeNs), value: ({ startNs }) => startNs },
      { title: 'waited', text: ({ ns }) => time(ns), value: ({ ns }) => ns },
      { title: 'goroutine', text: ({ goid }) => String(goid), value: ({ goid }) => goid },
      {
        title: 'start function',
        text: (wait) => functionName(wait.startFunction),
        value: (wait) => wait.startFunction,
      },
      { title: 'ran instead', text: instead, value: instead },
    ],
    waits,
    { label: 'the longest waits for a P' },
  );
}
