/** The text of `gotape analyze`: sections of at most 100 columns. */
import type { Analysis } from '../analyze/analysis.js';
import { formatCount, formatNs, printable } from '../base/text.js';
import { diagnosisSection } from './diagnosis-lines.js';
import { percent } from './percent.js';
import type { Section } from './section.js';
import {
  chosenSections,
  criticalPathSections,
  defaultSections,
  TEXT_SECTION_NAMES,
  type TextSectionName,
} from './section-list.js';
import { LINE_WIDTH, shorten } from './text-table.js';
import { wrap } from './wrap.js';

const LABEL_WIDTH = 12;
const DAMAGE_SHOWN = 5;

/** `ansi` for a terminal: headings are bold. */
export type TextStyle = 'plain' | 'ansi';

/**
 * @param names sections that were asked for; none: those that most readers want, and how to get the others
 */
export function describeAnalysis(analysis: Analysis, style: TextStyle, names: readonly TextSectionName[] = []): string {
  const heading = (title: string) => (style === 'ansi' ? `\x1b[1m${title}\x1b[22m` : title);
  const isChosen = names.length > 0 || analysis.criticalPath !== null;
  const sections: Section[] = [
    diagnosisSection(analysis),
    ...(isChosen ? chosenSections(analysis, names) : defaultSections(analysis)),
    ...criticalPathSections(analysis),
    ...anomalySections(analysis),
  ];
  const blocks = [
    summaryLines(analysis),
    ...sections
      .filter(({ lines }) => lines.length > 0)
      .map(({ title, lines }) => [heading(shorten(printable(title), LINE_WIDTH)), ...lines]),
    ...(isChosen ? [] : [moreLines()]),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function moreLines(): string[] {
  const names = `More: --section ${TEXT_SECTION_NAMES.join(', ')}, or all; --critical-path GOID; --json; --help`;
  return wrap(names, LINE_WIDTH - 2).map((line, at) => (at === 0 ? line : `  ${line}`));
}

function summaryLines(analysis: Analysis): string[] {
  const { trace, goroutines, losses, coverage } = analysis;
  const targets = trace.targets.map(
    ({ executable, pid, goVersion }) =>
      `${executable}, ${pid === 0 ? 'every process' : `process ${pid}`}, ${goVersion}`,
  );
  return [
    ...targets.flatMap((target) => labelled('target', target)),
    ...windowLines(analysis),
    ...labelled(
      analysis.window === null ? 'recorded' : 'therein',
      `${formatNs(analysis.durationNs)}: ${formatCount(analysis.transitions)} transitions ` +
        `(${formatCount(analysis.transitionsPerSecond)}/s) of ${formatCount(goroutines.total)} goroutines`,
    ),
    ...labelled(
      'goroutines',
      `${formatCount(goroutines.created)} created, ${formatCount(goroutines.exited)} exited, ` +
        `${formatCount(goroutines.aliveAtEnd)} alive at the end`,
    ),
    ...labelled('coverage', coverageText(coverage)),
    ...labelled('lost', lostText(analysis)),
    ...damageLines(losses.damage),
  ];
}

function windowLines({ window }: Analysis): string[] {
  if (window === null) return [];
  const { fromNs, toNs, goids, functions } = window;
  const only = [
    ...(goids.length > 0 ? [`only goroutines ${goids.join(', ')}`] : []),
    ...functions.map((pattern) => `only goroutines of ${pattern}`),
  ];
  return labelled('window', [`${formatNs(fromNs)} to ${formatNs(toNs)} after the start`, ...only].join('; '));
}

function coverageText({ share, lifetimeNs }: Analysis['coverage']): string {
  return lifetimeNs > 0 ? `${percent(share)} of the goroutines' time is known` : 'no goroutine is in the trace';
}

function damageLines(damage: readonly string[]): string[] {
  const more = damage.length - DAMAGE_SHOWN;
  return [
    ...damage.slice(0, DAMAGE_SHOWN).flatMap((sentence) => labelled('DAMAGE', sentence)),
    ...(more > 0 ? labelled('', `and ${formatCount(more)} more (--json lists them all)`) : []),
  ];
}

function lostText({ losses, coverage }: Analysis): string {
  if (losses.lostEvents === 0 && losses.gapCount === 0) return 'nothing';
  return (
    `${formatCount(losses.lostEvents)} events in ${formatCount(losses.gapCount)} gaps; ` +
    `${formatCount(coverage.spansAcrossGaps)} spans cross one`
  );
}

function labelled(label: string, text: string): string[] {
  const lines = wrap(printable(text), LINE_WIDTH - LABEL_WIDTH);
  return lines.map((line, index) => (index === 0 ? label : '').padEnd(LABEL_WIDTH) + line);
}

function anomalySections({ anomalies, warnings }: Analysis): Section[] {
  const pairs = (what: string, counts: Analysis['transitionMatrix']) =>
    counts.map(({ from, to, count }) => `  ${formatCount(count).padStart(12)}  ${what} ${from} → ${to}`);
  const rows = (count: number, what: string) => (count > 0 ? [`  ${formatCount(count).padStart(12)}  ${what}`] : []);
  return [
    {
      title: 'Anomalies',
      lines: [
        ...pairs('no Go release changes', anomalies.illegalTransitions),
        ...pairs('unseen between', anomalies.unseenTransitions),
        ...rows(anomalies.backwardsInTime, 'rows before their predecessor in time'),
        ...rows(anomalies.withoutGoroutine, 'rows whose goroutine was never learned'),
      ],
    },
    {
      title: 'Keep in mind',
      lines: warnings.flatMap((warning) =>
        wrap(printable(warning), LINE_WIDTH - 4).map((line, index) => (index === 0 ? '  - ' : '    ') + line),
      ),
    },
  ];
}
