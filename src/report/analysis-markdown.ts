/**
 * `gotape analyze --markdown`: diagnosis and main tables as somebody would paste them into an issue, short enough to be
 * read there, with the command that makes them again.
 */
import type { Analysis } from '../analyze/analysis.js';
import type { Finding } from '../analyze/findings.js';
import type { DurationStats, GroupStats } from '../analyze/sections.js';
import { formatCount, formatNs } from '../base/text.js';
import { code, prose, table, verbatim } from './markdown-text.js';
import { percent } from './percent.js';

const FINDINGS_SHOWN = 6;
const ROWS_SHOWN = 5;
const FRAMES_SHOWN = 4;

/** @param command how to get the same again */
export function describeAsMarkdown(analysis: Analysis, command: string): string {
  const parts = [
    head(analysis),
    findings(analysis),
    states(analysis),
    functions(analysis),
    blocks(analysis),
    stacks(analysis),
    leaks(analysis),
    foot(analysis, command),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function head({ trace, durationNs, transitions, goroutines, coverage, losses }: Analysis): string[] {
  const targets = trace.targets.map(({ executable, goVersion }) => `${code(executable)} (${prose(goVersion)})`);
  const lost =
    losses.lostEvents > 0 || losses.damage.length > 0
      ? `**${formatCount(losses.lostEvents)} events lost**${losses.damage.length > 0 ? ', **file damaged**' : ''}`
      : 'nothing lost';
  return [
    `**Goroutines of ${targets.join(', ') || 'a Go program'}**: ${formatNs(durationNs)}, ` +
      `${formatCount(transitions)} transitions of ${formatCount(goroutines.total)} goroutines ` +
      `(${formatCount(goroutines.aliveAtEnd)} alive at the end), ${percent(coverage.share)} of their time known, ${lost}`,
  ];
}

function findings({ diagnosis }: Analysis): string[] {
  if (diagnosis.length === 0) return ['Nothing stands out.'];
  const more = diagnosis.length - FINDINGS_SHOWN;
  return [
    ...diagnosis.slice(0, FINDINGS_SHOWN).map(findingLine),
    ...(more > 0 ? [`- and ${formatCount(more)} more`] : []),
  ];
}

function findingLine({ severity, sentence, certainty }: Finding): string {
  const mark = severity === 'problem' ? '**Problem:** ' : '';
  return `- ${mark}${prose(sentence)}${certainty === '' ? '' : ` _(${prose(certainty)})_`}`;
}

function states({ totals, schedulingLatency }: Analysis): string[] {
  const rows = (
    [
      ['execution', totals.executionNs],
      ['sched wait', totals.schedWaitNs],
      ['block', totals.blockNs],
      ['syscall', totals.syscallNs],
      ['preempted', totals.preemptedNs],
      ['unseen or unknown', totals.unseenNs + totals.unknownNs],
    ] as const
  ).filter(([, ns]) => ns > 0);
  const lines = table(
    [
      { title: 'state', align: 'left' },
      { title: 'time', align: 'right' },
      { title: 'share', align: 'right' },
    ],
    rows.map(([state, ns]) => [state, formatNs(ns), percent(ns / totals.totalNs)]),
  );
  const { count, p50Ns, p99Ns, max } = schedulingLatency;
  const latency =
    max === null
      ? []
      : [
          '',
          `Scheduling latency: p50 ${formatNs(p50Ns)}, p99 ${formatNs(p99Ns)}, max ${formatNs(max.ns)} ` +
            `of ${formatCount(count)} (goroutine ${max.goid} at ${formatNs(max.startNs)})`,
        ];
  return rows.length === 0 ? [] : [...lines, ...latency];
}

function functions({ sections }: Analysis): string[] {
  const list = sections.functions?.list.slice(0, ROWS_SHOWN) ?? [];
  if (list.length === 0) return [];
  const columns = [
    { title: sections.functions?.by === 'function' ? 'start function' : (sections.functions?.by ?? ''), align: 'left' },
    { title: 'goroutines', align: 'right' },
    { title: 'execution', align: 'right' },
    { title: 'sched wait (p99)', align: 'right' },
    { title: 'block (p99)', align: 'right' },
  ] as const;
  return table(columns, list.map(functionRow));
}

function functionRow({ name, goroutines, execution, schedWait, block }: GroupStats): string[] {
  const total = (stats: DurationStats | null) => (stats === null ? '–' : formatNs(stats.totalNs));
  const withTail = (stats: DurationStats | null) =>
    stats === null ? '–' : `${total(stats)} (${formatNs(stats.p99Ns)})`;
  return [
    name === '' ? '(unknown)' : code(name),
    formatCount(goroutines),
    total(execution),
    withTail(schedWait),
    withTail(block),
  ];
}

function blocks({ sections }: Analysis): string[] {
  const reasons = sections.block?.reasons.slice(0, ROWS_SHOWN) ?? [];
  if (reasons.length === 0) return [];
  const columns = [
    { title: 'blocked for', align: 'left' },
    { title: 'count', align: 'right' },
    { title: 'time', align: 'right' },
    { title: 'p50', align: 'right' },
    { title: 'p99', align: 'right' },
    { title: 'max', align: 'right' },
  ] as const;
  const rows = reasons.map(({ reason, count, totalNs, p50Ns, p99Ns, maxNs }) => [
    reason === '' ? '(not told)' : code(reason),
    formatCount(count),
    ...[totalNs, p50Ns, p99Ns, maxNs].map(formatNs),
  ]);
  return table(columns, rows);
}

function stacks({ sections }: Analysis): string[] {
  const list = sections.block?.stacks.list.slice(0, 3) ?? [];
  return list.flatMap(({ reason, totalNs, count, frames }) => [
    `- ${formatNs(totalNs)} in ${formatCount(count)} blocks (${prose(reason)}) at`,
    ...ownFrames(frames).map((frame) => `  - ${code(`${frame.function} ${frame.file}:${frame.line}`)}`),
  ]);
}

/** The runtime's own frames on top say what the reason says already. */
function ownFrames<Frame extends { readonly function: string }>(frames: readonly Frame[]): readonly Frame[] {
  const first = frames.findIndex((frame) => !/^(runtime|internal|sync|syscall)\b/.test(frame.function));
  return frames.slice(Math.max(0, first), Math.max(0, first) + FRAMES_SHOWN);
}

function leaks({ leaks: { sites } }: Analysis): string[] {
  return sites
    .slice(0, 3)
    .map(
      ({ startFunction, createdBy, reason, goroutines, created }) =>
        `- leak: ${formatCount(goroutines)} of ${formatCount(created)} goroutines of ${code(startFunction)}, ` +
        `created by ${code(createdBy)}, block for ${code(reason)} and never end`,
    );
}

function foot({ warnings, relativeError }: Analysis, command: string): string[] {
  const limits = warnings.map((sentence) => prose(sentence)).join('; ');
  return [
    `<sub>Percentiles at most ${percent(relativeError)} too high. ${limits}</sub>`,
    '',
    `Made by ${verbatim(command)}`,
  ];
}
