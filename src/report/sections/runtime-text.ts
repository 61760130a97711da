/** System calls, the collector, CPUs, and what the operating system did. */
import type { Analysis } from '../../analyze/analysis.js';
import type { CpuSection, UnitTime } from '../../analyze/sections.js';
import { formatCount, formatNs } from '../../base/text.js';
import { percent } from '../percent.js';
import type { Section } from '../section.js';
import { tableLines } from '../text-table.js';
import { wrap } from '../wrap.js';
import { extremeCell, left, nameCell, omittedLine, right, STATS_COLUMNS, statsCells, wrapped } from './cells.js';

const TEXT_WIDTH = 96;
const OVER_TIME_ROWS = 12;

export function syscallSections({ sections: { syscalls } }: Analysis): Section[] {
  if (syscalls === null || syscalls.stats === null) return [];
  const rows = [
    ['(all)', ...statsCells(syscalls.stats)],
    ...syscalls.byFunction.map(({ startFunction, ...stats }) => [nameCell(startFunction), ...statsCells(stats)]),
  ];
  return [
    {
      title: 'System calls by start function (cgo calls included)',
      lines: [
        ...tableLines({ columns: [left('start function'), ...STATS_COLUMNS], rows, flexible: 0 }),
        ...omittedLine(syscalls.omitted, 'functions'),
        ...wrapped(
          `the longest: ${syscalls.longest.map((span) => `${formatNs(span.ns)} ${extremeCell(span)}`).join(', ')}`,
        ),
        ...(syscalls.returnsWithoutP > 0
          ? [`  ${formatCount(syscalls.returnsWithoutP)} returns found no P and waited for one`]
          : []),
      ],
    },
  ];
}

export function gcSections({ sections: { gc } }: Analysis): Section[] {
  if (gc === null || gc.felt.length === 0) return [];
  const rows = gc.felt.map(({ what, meaning: _, goroutines: __, ...stats }) => [what, ...statsCells(stats)]);
  const { cycles } = gc;
  return [
    {
      title: 'Garbage collection and stopped worlds, as goroutines felt them',
      lines: [
        ...tableLines({ columns: [left('what'), ...STATS_COLUMNS], rows, flexible: 0 }),
        ...gc.felt.flatMap(({ what, meaning, goroutines }) =>
          wrapped(`${what}: ${meaning} (${formatCount(goroutines)} goroutines)`),
        ),
        ...(cycles === null ? [] : [`  ${formatCount(cycles.count)} cycles ended${markingText(cycles.marking)}`]),
        ...(cycles?.longest ?? []).flatMap((cycle) =>
          wrapped(
            `cycle at ${formatNs(cycle.startNs)}: ${formatNs(cycle.ns)}; workers ${formatNs(cycle.workerNs)}, assists ` +
              `${formatNs(cycle.assistNs)}, stopping ${formatNs(cycle.stoppingNs)}, stack scans ${formatNs(cycle.preemptedNs)}`,
          ),
        ),
        ...gc.limits.flatMap((limit) => wrap(limit, TEXT_WIDTH).map((text, at) => (at === 0 ? '  - ' : '    ') + text)),
      ],
    },
  ];
}

function markingText(marking: { readonly avgNs: number; readonly maxNs: number } | null): string {
  return marking === null
    ? ''
    : `; marking took ${formatNs(marking.avgNs)} on average, ${formatNs(marking.maxNs)} at most`;
}

export function cpuSections({ sections: { cpu }, durationNs }: Analysis): Section[] {
  if (cpu === null) return [];
  const share = (ns: number) => percent(durationNs > 0 ? ns / durationNs : 0);
  const rows = cpu.parallelism.map(({ running, ns, whileRunnableNs }) => [
    formatCount(running),
    formatNs(ns),
    share(ns),
    formatNs(whileRunnableNs),
  ]);
  return [
    {
      title: 'CPU use by P (threads: where goroutines ran)',
      lines: [
        ...unitLines('P', cpu.ps),
        ...(cpu.withoutPNs > 0 ? [`  ${formatNs(cpu.withoutPNs)} on a P that is not known`] : []),
        ...unitLines('thread', cpu.threads),
        ...omittedLine(cpu.threadsOmitted, 'threads'),
      ],
    },
    {
      title: 'Parallelism: how many goroutines ran at once',
      lines: [
        ...(rows.length === 0
          ? []
          : tableLines({
              columns: [right('running'), right('time'), right('share'), right('while others were ready')],
              rows,
              flexible: 0,
            })),
        `  on average ${cpu.averageRunning.toFixed(2)} ran and ${cpu.averageRunnable.toFixed(2)} were ready to run`,
        ...wrapped(
          `saturated for ${formatNs(cpu.saturatedNs)}, ${percent(cpu.saturatedShare)} of the time: others were ready while on all known Ps ` +
            `(${formatCount(cpu.ps.length)}) something ran`,
        ),
      ],
    },
    { title: 'Parallelism over time: goroutines in each state on average', lines: overTimeLines(cpu) },
  ];
}

function unitLines(what: string, units: readonly UnitTime[]): string[] {
  if (units.length === 0) return [];
  const several = new Set(units.map(({ pid }) => pid)).size > 1;
  const rows = units.map(({ pid, id, runs, ns, share }) => [
    several ? `${pid}/${id}` : `${id}`,
    formatCount(runs),
    formatNs(ns),
    percent(share),
  ]);
  return tableLines({ columns: [right(what), right('runs'), right('busy'), right('of the time')], rows, flexible: 0 });
}

function overTimeLines({ overTime: { bucketNs, buckets } }: CpuSection): string[] {
  const perRow = Math.max(1, Math.ceil(buckets.length / OVER_TIME_ROWS));
  const rows: string[][] = [];
  for (let start = 0; start < buckets.length; start += perRow) {
    const group = buckets.slice(start, start + perRow);
    const average = (of: (bucket: (typeof group)[number]) => number) =>
      (group.reduce((sum, bucket) => sum + of(bucket), 0) / (bucketNs * group.length)).toFixed(2);
    rows.push([
      `from ${formatNs(group[0]?.startNs ?? 0)}`,
      average((bucket) => bucket.runningNs),
      average((bucket) => bucket.runnableNs),
      average((bucket) => bucket.waitingNs),
      average((bucket) => bucket.syscallNs),
      average((bucket) => bucket.preemptedNs + bucket.unseenNs + bucket.unknownNs),
    ]);
  }
  const titles = ['running', 'runnable', 'waiting', 'syscall', 'other'];
  return rows.length === 0 ? [] : tableLines({ columns: [left('time'), ...titles.map(right)], rows, flexible: 0 });
}
