import type { Analysis } from '../../analyze/analysis.js';
import type { HistogramData, LatencySection, WorstWait } from '../../analyze/sections.js';
import { formatCount, formatNs } from '../../base/text.js';
import { percent } from '../percent.js';
import type { Section } from '../section.js';
import { tableLines } from '../text-table.js';
import { left, nameCell, right, STATS_COLUMNS, statsCells, wrapped } from './cells.js';

const BAR_WIDTH = 50;

export function latencySections({ sections: { latency } }: Analysis): Section[] {
  if (latency === null || latency.stats === null) return [];
  return [
    {
      title: 'Scheduling latency: from runnable to running',
      lines: tableLines({ columns: STATS_COLUMNS, rows: [statsCells(latency.stats)], flexible: 0 }),
    },
    { title: 'Scheduling latency: how many waits took how long', lines: histogramLines(latency.histogram) },
    { title: 'Scheduling latency: the longest waits, and what ran instead', lines: worstLines(latency) },
  ];
}

/** By powers of two. */
function histogramLines(histogram: HistogramData): string[] {
  const counts = new Map<number, number>();
  for (const [leastNs, count] of histogram) {
    const power = leastNs < 1 ? 0 : 2 ** Math.floor(Math.log2(leastNs));
    counts.set(power, (counts.get(power) ?? 0) + count);
  }
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const most = Math.max(...counts.values());
  const rows = [...counts].map(([power, count]) => [
    `${formatNs(power)} or more`,
    formatCount(count),
    percent(count / all),
    '#'.repeat(Math.max(1, Math.round((count / most) * BAR_WIDTH))),
  ]);
  return tableLines({ columns: [right('length'), right('count'), right('share'), left('')], rows, flexible: 0 });
}

function worstLines({ worst }: LatencySection): string[] {
  return worst.flatMap((wait) => [...wrapped(waitText(wait)), ...ranLines(wait)]);
}

function waitText({ goid, startFunction, startNs, ns, realtimeNs, waker }: WorstWait): string {
  const by = waker === 0 ? '' : `, woken by g${waker}`;
  const when = realtimeNs === '' ? '' : `, ${wallClock(realtimeNs)}`;
  return `${formatNs(ns)}  g${goid} ${nameCell(startFunction)} at ${formatNs(startNs)}${when}${by}`;
}

function ranLines({ ranInstead, ps, ns, explainedNs }: WorstWait): string[] {
  if (ps === 0) return ['      what ran on the Ps is not known'];
  const share = `${percent(Math.min(1, explainedNs / (ps * ns)))} of ${ps} ${ps === 1 ? 'P' : 'Ps'} explained`;
  return [
    ...ranInstead.flatMap(({ goid, startFunction, ns: ran }) =>
      wrapped(`${formatNs(ran)} g${goid} ${nameCell(startFunction)}`, '      '),
    ),
    `      ${share}`,
  ];
}

/** `2026-01-01 12:00:01.5 UTC` of ns since 1970. */
function wallClock(realtimeNs: string): string {
  const date = new Date(Number(BigInt(realtimeNs) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(0, 21).replace('T', ' ')} UTC`;
}
