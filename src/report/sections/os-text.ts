import type { Analysis } from '../../analyze/analysis.js';
import type { OsExecution } from '../../analyze/os-times.js';
import { formatCount, formatNs } from '../../base/text.js';
import type { Section } from '../section.js';
import { tableLines } from '../text-table.js';
import { left, omittedLine, right } from './cells.js';

const PARTS: readonly (readonly [string, keyof OsExecution])[] = [
  ['on a CPU', 'onCpuNs'],
  ['preempted by the OS', 'preemptedNs'],
  ['asleep in a page fault', 'asleepInFaultNs'],
  ['asleep in a system call', 'asleepInSyscallNs'],
  ['stopped', 'stoppedNs'],
  ['not known', 'unknownNs'],
];

export function osSections({ sections: { os } }: Analysis): Section[] {
  if (os === null) return [];
  const rows = PARTS.map(([name, part]) => [name, formatNs(os.execution[part]), formatNs(os.syscalls[part])]);
  const calls = os.bySyscall.map(({ name, spans, onCpuNs, preemptedNs, asleepNs }) => [
    name === '' ? '(never left the CPU)' : name,
    formatCount(spans),
    ...[onCpuNs, preemptedNs, asleepNs].map(formatNs),
  ]);
  return [
    {
      title: 'What the OS did during execution and system calls',
      lines: tableLines({
        columns: [left('the thread was'), right('execution'), right('system calls')],
        rows,
        flexible: 0,
      }),
    },
    {
      title: 'System calls by name',
      lines:
        calls.length === 0
          ? []
          : [
              ...tableLines({
                columns: [left('system call'), right('count'), right('on a CPU'), right('preempted'), right('asleep')],
                rows: calls,
                flexible: 0,
              }),
              ...omittedLine(os.omitted, 'system calls'),
            ],
    },
  ];
}
