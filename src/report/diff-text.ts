/** What `gotape diff` says. */
import type { Change, Diff, DiffMetric, DiffSide } from '../analyze/diff/diff.js';
import { formatCount, formatNs, printable } from '../base/text.js';
import { tableLines } from './text-table.js';

const METRIC_WORDS: Readonly<Record<DiffMetric, string>> = {
  time: 'time/s',
  count: 'count/s',
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  stay: 'stay/s',
};

export function describeDiff(diff: Diff): string {
  const { before, after, significant, significantOmitted, noise, compared } = diff;
  const lines = [sideLine('before', before), sideLine('after', after), '', headline(diff), ''];
  if (significant.length > 0) lines.push(...tableOf(significant));
  if (significantOmitted > 0) lines.push(`  and ${formatCount(significantOmitted)} more (--top)`);
  if (noise.length > 0)
    lines.push('', `Largest of the ${formatCount(compared)} that are noise`, ...tableOf(noise.slice(0, 5)));
  return `${lines.join('\n')}\n`;
}

function sideLine(word: string, { file, targets, durationNs, transitions, lostEvents }: DiffSide): string {
  const [target] = targets;
  const program = target === undefined ? '' : `: ${target.executable}, ${target.goVersion}`;
  const lost = lostEvents > 0 ? `, ${formatCount(lostEvents)} events lost` : '';
  return printable(
    `${word.padEnd(8)}${file}${program}, ${formatNs(durationNs)}, ${formatCount(transitions)} transitions${lost}`,
  );
}

function headline({ significant, significantOmitted, compared, options }: Diff): string {
  const { slices, alpha, minimumChange } = options;
  const found = significant.length + significantOmitted;
  const count =
    found === 0 ? 'No significant change' : `${formatCount(found)} significant change${found === 1 ? '' : 's'}`;
  return (
    `${count} of ${formatCount(compared)} compared (rank test over ${slices} slices of time, p < ${alpha} corrected,\n` +
    `changes of at least ${Math.round(minimumChange * 100)} %)`
  );
}

function tableOf(changes: readonly Change[]): string[] {
  const columns = [
    { title: 'start function', align: 'left' },
    { title: 'state', align: 'left' },
    { title: 'what', align: 'left' },
    { title: 'before', align: 'right' },
    { title: 'after', align: 'right' },
    { title: 'change', align: 'right' },
    { title: 'p', align: 'right' },
  ] as const;
  return tableLines({ columns, rows: changes.map(rowOf), flexible: 0 });
}

function rowOf({ startFunction, state, reason, metric, before, after, p }: Change): string[] {
  const what = reason === '' ? state : `${state} (${reason})`;
  const value = (number: number) => (isCount(metric) ? rateText(number) : formatNs(number));
  return [
    startFunction || '(unknown)',
    what,
    METRIC_WORDS[metric],
    value(before),
    value(after),
    changeText(before, after),
    pText(p),
  ];
}

function isCount(metric: DiffMetric): boolean {
  return metric === 'count' || metric === 'stay';
}

function rateText(rate: number): string {
  return Math.abs(rate) >= 100 ? formatCount(rate) : rate.toFixed(Math.abs(rate) >= 10 ? 1 : 2);
}

function changeText(before: number, after: number): string {
  if (before === 0) return 'new';
  if (after === 0) return 'gone';
  const ratio = after / before;
  if (ratio >= 10) return `×${formatCount(ratio)}`;
  return `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(0)} %`;
}

function pText(p: number): string {
  if (p < 1e-6) return '<1e-6';
  return p < 0.001 ? p.toExponential(0) : p.toFixed(3);
}
