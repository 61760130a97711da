import { formatBytes, formatCount, printable } from '../base/text.js';
import type { RecordingTotals } from '../capture/recording.js';
import type { CostFacts } from '../model/trace-facts.js';
import type { Context } from './context.js';

export interface RecordReport {
  readonly path: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly reason: string;
  /** Pid of the command, when it has not ended yet. */
  readonly runsOn: number | undefined;
  readonly totals: RecordingTotals;
  /** Events of every kind. */
  readonly lost: number;
  readonly cost: CostFacts;
}

/** What a recording held, lost and cost; on stderr, because the file is the result. */
export function writeRecordReport(ctx: Context, report: RecordReport): void {
  const { path, bytes, seconds, reason, runsOn, totals, lost, cost } = report;
  const { transitions, goroutines } = totals;
  const cpuSeconds = (cost.userCpuNs + cost.systemCpuNs - cost.startupCpuNs) / 1e9;
  const perTransition = transitions > 0 ? `, ${(bytes / transitions).toFixed(2)} bytes per transition` : '';
  const share = seconds > 0 ? ` (${((cpuSeconds / seconds) * 100).toFixed(1)} % of one)` : '';
  const lines = [
    `gotape: ${formatCount(transitions)} transitions of ${formatCount(goroutines)} goroutines in ${seconds.toFixed(2)} s ` +
      `(${formatCount(transitions / Math.max(seconds, 1e-9))}/s) → ${printable(path)}`,
    `        ${lost === 0 ? 'nothing lost' : `LOST ${formatCount(lost)} events (raise --buffer)`}, ${formatBytes(bytes)}${perTransition}`,
    `        the recorder used ${cpuSeconds.toFixed(2)} s of CPU${share}, ${(cost.startupCpuNs / 1e9).toFixed(2)} s before that to start, ` +
      `and ${formatBytes(cost.peakRssBytes)} of memory`,
    `        stopped: ${reason}${runsOn === undefined ? '' : `; the command (process ${runsOn}) runs on`}`,
  ];
  if (transitions === 0)
    lines.push('        no goroutine changed its state while recording (is the program idle, or the pid a wrapper?)');
  else lines.push(`        next: gotape analyze ${printable(path)}`);
  ctx.stderr.write(`${lines.join('\n')}\n`);
}
