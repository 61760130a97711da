/**
 * Figures of an analysis by name, for assertions: `sched_wait.p99`, `function[main.worker].block.total`. `gotape check
 * --list` prints this table.
 */
import { matchesGlob } from '../base/glob.js';
import type { Analysis } from './analysis.js';
import type { DurationStats, GroupStats, SectionName } from './sections.js';

export type MetricUnit = 'ns' | 'count' | 'share';

export interface Metric {
  /** As it is written, with the pattern's place in brackets: `block[REASON].p99`. */
  readonly name: string;
  readonly unit: MetricUnit;
  readonly describe: string;
  /** Sections of the analysis that it is read from. */
  readonly needs: readonly SectionName[];
  /** Every value that the pattern matches; empty when the trace does not tell. */
  values(analysis: Analysis, pattern: string): readonly MetricValue[];
}

export interface MetricValue {
  /** What the pattern matched; empty for a metric without one. */
  readonly subject: string;
  readonly value: number;
}

function plain(
  name: string,
  unit: MetricUnit,
  describe: string,
  of: (analysis: Analysis) => number | null | undefined,
  needs: readonly SectionName[] = [],
): Metric {
  const values = (analysis: Analysis) => {
    const value = of(analysis);
    return value === null || value === undefined ? [] : [{ subject: '', value }];
  };
  return { name, unit, describe, needs, values };
}

/** What is told of durations: the end of a metric's name. */
const STATISTICS: readonly (readonly [string, MetricUnit, string, (stats: DurationStats) => number])[] = [
  ['count', 'count', 'how many', (stats) => stats.count],
  ['total', 'ns', 'their sum', (stats) => stats.totalNs],
  ['min', 'ns', 'shortest', (stats) => stats.minNs],
  ['avg', 'ns', 'mean', (stats) => stats.avgNs],
  ['p50', 'ns', 'median', (stats) => stats.p50Ns],
  ['p95', 'ns', '95th percentile', (stats) => stats.p95Ns],
  ['p99', 'ns', '99th percentile', (stats) => stats.p99Ns],
  ['max', 'ns', 'longest', (stats) => stats.maxNs],
];

interface Named {
  readonly name: string;
  /** Null: there is none. */
  readonly stats: DurationStats | null;
}

/** A metric for each statistic of durations. @param rows what the pattern chooses from */
function family(
  prefix: string,
  describe: string,
  needs: readonly SectionName[],
  rows: (analysis: Analysis) => readonly Named[],
): Metric[] {
  return STATISTICS.map(([statistic, unit, meaning, of]) => ({
    name: `${prefix}.${statistic}`,
    unit,
    describe: `${describe}: ${meaning}`,
    needs,
    values: (analysis, pattern) =>
      rows(analysis)
        .filter(({ name }) => matchesGlob(pattern, name))
        .flatMap(({ name, stats }) => statisticOf(name, stats, statistic, of)),
  }));
}

/** Of none, the count and total are 0 and nothing else is known. */
function statisticOf(
  subject: string,
  stats: DurationStats | null,
  statistic: string,
  of: (stats: DurationStats) => number,
): MetricValue[] {
  if (stats !== null) return [{ subject, value: of(stats) }];
  return statistic === 'count' || statistic === 'total' ? [{ subject, value: 0 }] : [];
}

const share = (part: number, whole: number) => (whole > 0 ? part / whole : null);

const STATE_SHARES = (
  [
    ['execution', 'executing', (a) => a.totals.executionNs],
    ['sched_wait', 'ready to run without a P', (a) => a.totals.schedWaitNs],
    ['block', 'blocked', (a) => a.totals.blockNs],
    ['syscall', 'in system calls', (a) => a.totals.syscallNs],
    ['preempted', 'stopped for a stack scan', (a) => a.totals.preemptedNs],
    ['unseen', 'where a change was missed', (a) => a.totals.unseenNs],
    ['unknown', 'before their first and after their last event', (a) => a.totals.unknownNs],
  ] as readonly (readonly [string, string, (a: Analysis) => number])[]
).flatMap(([name, what, of]) => [
  plain(`${name}.time`, 'ns', `time of all goroutines ${what}`, of),
  plain(`${name}.share`, 'share', `its share of all goroutine time`, (a) => share(of(a), a.totals.totalNs)),
]);

const LATENCIES = [
  plain('sched_wait.count', 'count', 'waits from runnable to running', (a) => a.schedulingLatency.count),
  ...(['p50', 'p90', 'p99', 'p999'] as const).map((percentile) =>
    plain(`sched_wait.${percentile}`, 'ns', 'percentile of scheduling latency', (a) =>
      a.schedulingLatency.count > 0 ? a.schedulingLatency[`${percentile}Ns`] : null,
    ),
  ),
  plain('sched_wait.max', 'ns', 'the longest wait for a P', (a) => a.schedulingLatency.max?.ns),
];

const FUNCTION_STATES: readonly (readonly [string, string, (group: GroupStats) => DurationStats | null])[] = [
  ['execution', 'runs', (group) => group.execution],
  ['sched_wait', 'waits for a P', (group) => group.schedWait],
  ['block', 'blocks', (group) => group.block],
  ['syscall', 'system calls', (group) => group.syscall],
];

const functions = (a: Analysis) => a.sections.functions?.list ?? [];

export const METRICS: readonly Metric[] = [
  plain('goroutines.total', 'count', 'goroutines that lived in the trace', (a) => a.goroutines.total),
  plain('goroutines.created', 'count', 'goroutines created in it', (a) => a.goroutines.created),
  plain('goroutines.exited', 'count', 'goroutines that exited in it', (a) => a.goroutines.exited),
  plain('goroutines.alive_at_end', 'count', 'goroutines alive when it ends', (a) => a.goroutines.aliveAtEnd),
  plain('goroutines.leaked', 'count', 'goroutines that leak, see docs/analysis.md', (a) => a.leaks.leaked),
  plain('findings.problems', 'count', 'problems in the diagnosis', (a) => a.diagnosis.filter(isProblem).length),
  ...STATE_SHARES,
  ...LATENCIES,
  ...family('block[REASON]', 'blocks for a reason', ['block'], (a) =>
    (a.sections.block?.reasons ?? []).map((row) => ({ name: row.reason, stats: row })),
  ),
  ...family('syscalls', 'system calls', ['syscalls'], (a) => [{ name: '', stats: a.sections.syscalls?.stats ?? null }]),
  ...FUNCTION_STATES.flatMap(([state, what, of]) =>
    family(`function[GLOB].${state}`, `${what}, by start function`, ['functions'], (a) =>
      functions(a).map((group) => ({ name: group.name, stats: of(group) })),
    ),
  ),
  ...family('gc[WHAT]', 'what the collector made goroutines do', ['gc'], (a) =>
    (a.sections.gc?.felt ?? []).map((row) => ({ name: row.what, stats: row })),
  ),
  ...family('call[GLOB]', 'recorded calls of a function', ['calls'], (a) =>
    (a.sections.calls?.functions ?? []).map((row) => ({ name: row.function, stats: row.latency })),
  ),
  plain('cpu.saturated_share', 'share', 'all known Ps busy, others ready', (a) => a.sections.cpu?.saturatedShare, [
    'cpu',
  ]),
  plain('cpu.average_running', 'count', 'goroutines that ran at once', (a) => a.sections.cpu?.averageRunning, ['cpu']),
  plain('cpu.average_runnable', 'count', 'goroutines ready at once', (a) => a.sections.cpu?.averageRunnable, ['cpu']),
  plain('hogs.longest', 'ns', 'the longest run without a change of state', longestRun, ['hogs']),
  plain('losses.events', 'count', 'events lost while recording', (a) => a.losses.lostEvents),
  plain('losses.gaps', 'count', 'stretches of time with losses', (a) => a.losses.gapCount),
  plain('coverage.share', 'share', 'of goroutine time that is known', (a) => a.coverage.share),
];

function isProblem({ severity }: Analysis['diagnosis'][number]): boolean {
  return severity === 'problem';
}

/** 0 when no run was long enough to be one of these. */
function longestRun({ sections }: Analysis): number | null {
  if (sections.hogs === null) return null;
  return Math.max(0, ...sections.hogs.functions.map(({ longest }) => longest.ns));
}

/** A metric as somebody wrote it: with a pattern in its brackets. */
export interface NamedMetric {
  readonly metric: Metric;
  /** `*` when nothing stands in brackets. */
  readonly pattern: string;
}

/** Undefined when there is no such metric. Without brackets, a metric that takes a pattern is about all. */
export function findMetric(text: string): NamedMetric | undefined {
  const match = /^([a-z_]+)\[(.*)\]\.(.+)$/.exec(text);
  const wanted = match === null ? text : `${match[1]}[].${match[3]}`;
  const bare = (name: string) => name.replace(/\[[A-Z]+\]/, match === null ? '' : '[]');
  const metric = METRICS.find(({ name }) => (match === null || name.includes('[')) && bare(name) === wanted);
  return metric && { metric, pattern: match?.[2] ?? '*' };
}
