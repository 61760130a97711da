/** What `gotape check` says of assertions and of the metrics they may be about. */
import type { Verdict } from '../analyze/assertion.js';
import type { Metric, MetricUnit } from '../analyze/metrics.js';
import { formatCount, formatNs, printable } from '../base/text.js';
import { tableLines } from './text-table.js';

const WORDS = { holds: 'ok', violated: 'FAILED', 'not known': 'FAILED' } as const;

/** A line for each assertion, the ones that fail with what was found. */
export function describeVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => [WORDS[verdict.verdict], verdict.assertion.text, foundIn(verdict)]);
  const columns = [
    { title: '', align: 'left' },
    { title: 'assertion', align: 'left' },
    { title: 'found', align: 'left' },
  ] as const;
  return `${tableLines({ columns, rows, flexible: 2 }).join('\n')}\n`;
}

function foundIn({ verdict, values, compared, assertion }: Verdict): string {
  const { unit } = assertion.metric;
  if (verdict === 'not known') return 'nothing: the trace does not tell, or nothing matches';
  const [worst] = values;
  if (worst === undefined) return '';
  const value = formatValue(worst.value, unit);
  const of = worst.subject === '' ? '' : ` (${worst.subject})`;
  if (verdict === 'holds')
    return compared > 1 ? `${value} at the closest of ${formatCount(compared)}${of}` : `${value}${of}`;
  const others = values.length - 1;
  return `${value}${of}${others > 0 ? ` and ${others} more` : ''}`;
}

function formatValue(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'ns':
      return formatNs(value);
    case 'share':
      return `${(value * 100).toFixed(2)} %`;
    case 'count':
      return Number.isInteger(value) ? formatCount(value) : value.toFixed(2);
  }
}

/** The table of `gotape check --list`. */
export function describeMetrics(metrics: readonly Metric[]): string {
  const rows = metrics.map(({ name, unit, describe }) => [name, unit === 'ns' ? 'time' : unit, describe]);
  const columns = [
    { title: 'metric', align: 'left' },
    { title: 'unit', align: 'left' },
    { title: 'what it is', align: 'left' },
  ] as const;
  return `${tableLines({ columns, rows: rows.map((row) => row.map(printable)), flexible: 2 }).join('\n')}\n`;
}
