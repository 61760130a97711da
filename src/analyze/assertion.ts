/** `sched_wait.p99<1ms`: what must hold of a trace. */
import { parseDuration } from '../base/duration.js';
import { ExitCode, UserError } from '../base/errors.js';
import type { Analysis } from './analysis.js';
import { findMetric, type Metric, type MetricUnit, type MetricValue, type NamedMetric } from './metrics.js';

const OPERATORS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '<=': (value, limit) => value <= limit,
  '>=': (value, limit) => value >= limit,
  '==': (value, limit) => value === limit,
  '!=': (value, limit) => value !== limit,
  '<': (value, limit) => value < limit,
  '>': (value, limit) => value > limit,
};

export interface Assertion extends NamedMetric {
  /** As it was given. */
  readonly text: string;
  readonly operator: string;
  readonly limit: number;
}

export interface Verdict {
  readonly assertion: Assertion;
  readonly verdict: 'holds' | 'violated' | 'not known';
  /** Values that violate it, the first 10; of one that holds, the value closest to the limit. */
  readonly values: readonly MetricValue[];
  /** How many values it is about. */
  readonly compared: number;
}

/** @throws UserError (usage) that says what was expected */
export function parseAssertion(text: string): Assertion {
  // The operator follows the last bracket: a pattern may hold one.
  const match = /^(.+\]\.[a-z0-9_.]+|[^<>=!\]]+?)\s*(<=|>=|==|!=|<|>|=)\s*([^<>=!]+)$/.exec(text.trim());
  if (match === null) throw usage(text, 'expected METRIC<LIMIT, as in sched_wait.p99<1ms');
  const [, name = '', sign = '', limit = ''] = match;
  const found = findMetric(name.trim());
  if (found === undefined) throw usage(text, `there is no metric ${name.trim()} (gotape check --list shows all)`);
  const operator = sign === '=' ? '==' : sign;
  return { ...found, text, operator, limit: parseLimit(text, limit, found.metric) };
}

function parseLimit(text: string, limit: string, { name, unit }: Metric): number {
  const value = numberIn(limit.trim(), unit);
  if (Number.isFinite(value)) return value;
  throw usage(text, `${name} is ${EXPECTED[unit]}, not ${limit.trim()}`);
}

const EXPECTED: Readonly<Record<MetricUnit, string>> = {
  ns: 'a time (1ms, 250us)',
  count: 'a number',
  share: 'a share (12% or 0.12)',
};

function numberIn(limit: string, unit: MetricUnit): number {
  if (unit === 'ns') return limit === '0' ? 0 : parseDurationOrNaN(limit);
  const percent = unit === 'share' && limit.endsWith('%');
  const digits = percent ? limit.slice(0, -1).trim() : limit;
  return /^\d+(\.\d+)?$/.test(digits) ? Number(digits) / (percent ? 100 : 1) : Number.NaN;
}

function parseDurationOrNaN(text: string): number {
  try {
    return parseDuration(text, '');
  } catch {
    return Number.NaN;
  }
}

/** It holds when it holds of every value that its pattern matches. */
export function judge(assertion: Assertion, analysis: Analysis): Verdict {
  const { metric, pattern, operator, limit } = assertion;
  const all = metric.values(analysis, pattern);
  const wrong = all.filter(({ value }) => !OPERATORS[operator]!(value, limit));
  const byDistance = (a: MetricValue, b: MetricValue) => Math.abs(a.value - limit) - Math.abs(b.value - limit);
  if (all.length === 0) return { assertion, verdict: 'not known', values: [], compared: 0 };
  if (wrong.length === 0) {
    return { assertion, verdict: 'holds', values: all.toSorted(byDistance).slice(0, 1), compared: all.length };
  }
  const worst = wrong.toSorted((a, b) => byDistance(b, a)).slice(0, 10);
  return { assertion, verdict: 'violated', values: worst, compared: all.length };
}

function usage(text: string, message: string): UserError {
  return new UserError(`--max ${JSON.stringify(text)}: ${message}`, { exitCode: ExitCode.usage });
}
