import type { Analysis } from '../../analyze/analysis.js';
import type { DurationStats, Grouping, GroupStats } from '../../analyze/sections.js';
import { formatCount } from '../../base/text.js';
import type { Section } from '../section.js';
import { tableLines } from '../text-table.js';
import { groupedLines, left, nameCell, omittedLine, STATS_COLUMNS, statsCells } from './cells.js';

const TITLES: Readonly<Record<Grouping, string>> = {
  function: 'Time by start function and state',
  creator: 'Time by creator and state',
  label: 'Time by labels and state',
  reason: 'Time by wait reason',
};

export function functionSections({ sections: { functions } }: Analysis): Section[] {
  if (functions === null) return [];
  const lines =
    functions.by === 'reason'
      ? tableLines({
          columns: [left('reason'), ...STATS_COLUMNS],
          rows: functions.list.map(reasonRow),
          flexible: 0,
        })
      : groupedLines([left('  state'), ...STATS_COLUMNS], functions.list.map(groupOf));
  return [
    {
      title: TITLES[functions.by],
      lines: functions.list.length === 0 ? [] : [...lines, ...omittedLine(functions.omitted, 'groups')],
    },
  ];
}

function groupOf(group: GroupStats) {
  const { execution, schedWait, block, syscall, preempted } = group;
  const states: readonly (readonly [string, DurationStats | null])[] = [
    ['execution', execution],
    ['sched wait', schedWait],
    ['block', block],
    ['syscall', syscall],
    ['preempted', preempted],
  ];
  return {
    heading: `${group.name === '' ? '(none)' : group.name}: ${formatCount(group.goroutines)} goroutines`,
    rows: states.flatMap(([name, stats]) => (stats === null ? [] : [[`  ${name}`, ...statsCells(stats)]])),
  };
}

function reasonRow({ name, block, preempted }: GroupStats): string[] {
  const stats = block ?? preempted;
  return [nameCell(name), ...(stats === null ? [] : statsCells(stats))];
}
