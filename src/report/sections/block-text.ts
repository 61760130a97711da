import type { Analysis } from '../../analyze/analysis.js';
import type { StackFrame, StackList } from '../../analyze/sections.js';
import { formatCount, formatNs } from '../../base/text.js';
import type { Section } from '../section.js';
import { tableLines } from '../text-table.js';
import { extremeCell, left, nameCell, omittedLine, STATS_COLUMNS, statsCells, wrapped } from './cells.js';

const FRAMES_SHOWN = 8;

export function blockSections({ sections: { block } }: Analysis): Section[] {
  if (block === null) return [];
  const rows = block.reasons.map(({ reason, ...stats }) => [nameCell(reason), ...statsCells(stats)]);
  return [
    {
      title: 'Block time by reason',
      lines: rows.length === 0 ? [] : tableLines({ columns: [left('reason'), ...STATS_COLUMNS], rows, flexible: 0 }),
    },
    { title: 'Block time by stack', lines: stackLines(block.stacks) },
  ];
}

function stackLines({ recorded, list, omitted, withoutStackNs }: StackList): string[] {
  if (!recorded) return ['  no stacks were recorded (gotape record --stacks)'];
  return [
    ...list.flatMap(({ reason, frames, truncated, count, totalNs, longest }) => [
      ...wrapped(
        `${formatNs(totalNs)} in ${formatCount(count)} × ${nameCell(reason)}; the longest ${formatNs(longest.ns)}, ${extremeCell(longest)}`,
      ),
      ...frameLines(frames),
      ...(truncated ? ['      … (cut off)'] : []),
    ]),
    ...omittedLine(omitted, 'stacks'),
    ...(withoutStackNs > 0 ? [`  ${formatNs(withoutStackNs)} without a stack`] : []),
  ];
}

export function frameLines(frames: readonly StackFrame[]): string[] {
  const more = frames.length - FRAMES_SHOWN;
  return [
    ...frames.slice(0, FRAMES_SHOWN).flatMap((frame) => wrapped(frameText(frame), '      ')),
    ...(more > 0 ? [`      … ${formatCount(more)} more frames`] : []),
  ];
}

function frameText({ function: name, file, line: number }: StackFrame): string {
  // Where the source lay when it was built is long, and rarely where it lies for the reader; JSON has all of it.
  const short = file.split('/').slice(-2).join('/');
  return file === '' ? nameCell(name) : `${nameCell(name)}  ${short}:${number}`;
}
