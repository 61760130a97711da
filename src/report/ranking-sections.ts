/** Who: start functions, goroutines, changes of state. */
import type { Analysis, GoroutineShare, TopGoroutines } from '../analyze/analysis.js';
import { formatCount, formatNs } from '../base/text.js';
import { percent } from './percent.js';
import type { Section } from './section.js';
import { type TableColumn, tableLines } from './text-table.js';
import { goroutineName } from './time-sections.js';

const TITLES: Readonly<Record<keyof TopGoroutines, string>> = {
  execution: 'execution time',
  systemStack: 'system-stack time',
  schedWait: 'sched wait time',
  block: 'block time',
  syscall: 'syscall time',
  preempted: 'block time (preempted)',
  unseen: 'unseen time',
  unknown: 'unknown time',
};
const UNNAMED = '(not known)';

const left = (title: string): TableColumn => ({ title, align: 'left' });
const right = (title: string): TableColumn => ({ title, align: 'right' });

export function startFunctionSections(analysis: Analysis): Section[] {
  return [{ title: startFunctionTitle(analysis), lines: startFunctionLines(analysis) }];
}

export function goroutineSections(analysis: Analysis): Section[] {
  const states = Object.keys(TITLES) as (keyof TopGoroutines)[];
  return states.map((state) => ({
    title: `Goroutines by ${TITLES[state]}`,
    lines: goroutineLines(analysis.topGoroutines[state]),
  }));
}

export function transitionSections(analysis: Analysis): Section[] {
  return [{ title: 'Changes of state', lines: transitionLines(analysis) }];
}

function startFunctionTitle({ startFunctions }: Analysis): string {
  const more = startFunctions.omitted > 0 ? ` (${formatCount(startFunctions.omitted)} more)` : '';
  return `Start functions by execution time${more}`;
}

function startFunctionLines({ startFunctions }: Analysis): string[] {
  if (startFunctions.list.length === 0) return [];
  const titles = ['goroutines', 'execution', 'sched wait', 'block', 'syscall', 'unknown'];
  return tableLines({
    columns: [left('start function'), ...titles.map(right)],
    rows: startFunctions.list.map((of) => [
      of.startFunction === '' ? UNNAMED : of.startFunction,
      formatCount(of.goroutines),
      ...[of.executionNs, of.schedWaitNs, of.blockNs, of.syscallNs, of.unknownNs].map(formatNs),
    ]),
    flexible: 0,
  });
}

function goroutineLines(shares: readonly GoroutineShare[]): string[] {
  if (shares.length === 0) return [];
  const several = new Set(shares.map(({ pid }) => pid)).size > 1;
  return tableLines({
    columns: [right('goroutine'), left('start function'), right('time'), right('of its life')],
    rows: shares.map((share) => [
      goroutineName(share, several),
      share.startFunction === '' ? UNNAMED : share.startFunction,
      formatNs(share.ns),
      percent(share.ns / share.lifetimeNs),
    ]),
    flexible: 1,
  });
}

function transitionLines({ transitionMatrix, transitions }: Analysis): string[] {
  if (transitionMatrix.length === 0) return [];
  return tableLines({
    columns: [left('from'), left('to'), right('count'), right('share')],
    rows: transitionMatrix.map(({ from, to, count }) => [from, to, formatCount(count), percent(count / transitions)]),
    flexible: 0,
  });
}
