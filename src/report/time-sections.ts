/** Where time went: totals, scheduling latency, reasons, life over time. */
import type { Analysis, Extreme, ReasonSummary } from '../analyze/analysis.js';
import { formatCount, formatNs } from '../base/text.js';
import { percent } from './percent.js';
import type { Section } from './section.js';
import { type TableColumn, tableLines } from './text-table.js';

const OVER_TIME_ROWS = 12;

export function stateSections(analysis: Analysis): Section[] {
  return [{ title: 'Time of all goroutines', lines: totalLines(analysis) }];
}

export function latencySummary(analysis: Analysis): Section[] {
  return [{ title: 'Scheduling latency: from runnable to running', lines: latencyLines(analysis, whereIn(analysis)) }];
}

export function reasonSections(analysis: Analysis): Section[] {
  const where = whereIn(analysis);
  return [
    { title: 'Block time by reason', lines: reasonLines(analysis.blockReasons, where) },
    {
      title: 'System-stack time by reason (execution that the runtime calls waiting)',
      lines: reasonLines(analysis.systemStackReasons, where),
    },
  ];
}

export function lifeSections(analysis: Analysis): Section[] {
  return [{ title: 'Goroutines over time', lines: overTimeLines(analysis) }];
}

function whereIn({ trace }: Analysis): (extreme: Extreme) => string {
  const several = new Set(trace.targets.map(({ pid }) => pid)).size > 1 || trace.targets[0]?.pid === 0;
  return (extreme) => `g${goroutineName(extreme, several)} at ${formatNs(extreme.startNs)}`;
}

/** `7`, or `4242/7` where ids of several processes meet. */
export function goroutineName(of: { readonly pid: number; readonly goid: number }, several: boolean): string {
  return several ? `${of.pid}/${of.goid}` : `${of.goid}`;
}

const left = (title: string): TableColumn => ({ title, align: 'left' });
const right = (title: string): TableColumn => ({ title, align: 'right' });

function totalLines({ totals }: Analysis): string[] {
  const share = (ns: number) => (totals.totalNs > 0 ? percent(ns / totals.totalNs) : '');
  const line = (name: string, ns: number) => [name, formatNs(ns), share(ns)];
  const hinted = (kind: string, ns: number) => (ns > 0 ? [line(`  next to an event that says ${kind}`, ns)] : []);
  const hints = totals.unknownByHint;
  const rows = [
    line('Execution time', totals.executionNs),
    line('  of it on the system stack', totals.systemStackNs),
    line('Sched wait time', totals.schedWaitNs),
    line('Block time', totals.blockNs),
    line('Block time (preempted): stack scans', totals.preemptedNs),
    line('Syscall time', totals.syscallNs),
    line('Unseen time: a change was missed', totals.unseenNs),
    line('Unknown time: before the first event, after the last', totals.unknownNs),
    ...hinted('running', hints.runningNs),
    ...hinted('runnable', hints.runnableNs),
    ...hinted('waiting', hints.waitingNs),
    ...hinted('syscall', hints.syscallNs),
    ...hinted('preempted', hints.preemptedNs),
    line('Total time', totals.totalNs),
  ];
  return tableLines({ columns: [left('state'), right('time'), right('share')], rows, flexible: 0 });
}

function latencyLines({ schedulingLatency }: Analysis, where: (extreme: Extreme) => string): string[] {
  const { max } = schedulingLatency;
  if (max === null) return [];
  const { count, p50Ns, p90Ns, p99Ns, p999Ns } = schedulingLatency;
  return tableLines({
    columns: [right('count'), right('p50'), right('p90'), right('p99'), right('p99.9'), right('max'), left('that was')],
    rows: [[formatCount(count), ...[p50Ns, p90Ns, p99Ns, p999Ns, max.ns].map(formatNs), where(max)]],
    flexible: 6,
  });
}

function reasonLines(reasons: readonly ReasonSummary[], where: (extreme: Extreme) => string): string[] {
  if (reasons.length === 0) return [];
  return tableLines({
    columns: [left('reason'), right('count'), right('total'), right('longest'), left('that was')],
    rows: reasons.map(({ reason, count, totalNs, longest }) => [
      reason === '' ? '(none recorded)' : reason,
      formatCount(count),
      formatNs(totalNs),
      formatNs(longest.ns),
      where(longest),
    ]),
    flexible: 0,
  });
}

/** The buckets of the analysis, several to a row. */
function overTimeLines({ overTime }: Analysis): string[] {
  const { buckets } = overTime;
  const perRow = Math.ceil(buckets.length / OVER_TIME_ROWS);
  const rows: string[][] = [];
  for (let start = 0; start < buckets.length; start += perRow) {
    const group = buckets.slice(start, start + perRow);
    rows.push([
      `from ${formatNs(group[0]?.startNs ?? 0)}`,
      formatCount(group.reduce((sum, { created }) => sum + created, 0)),
      formatCount(group.reduce((sum, { exited }) => sum + exited, 0)),
      formatCount(group.at(-1)?.alive ?? 0),
    ]);
  }
  return tableLines({
    columns: [left('time'), right('created'), right('exited'), right('alive after')],
    rows,
    flexible: 0,
  });
}
