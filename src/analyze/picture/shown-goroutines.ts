import type { Analysis } from '../analysis.js';

interface Identity {
  readonly pid: number;
  readonly goid: number;
}

/** Goroutines that a time line should show: who the diagnosis is about, who waited worst, who did most. */
export function shownGoroutines(analysis: Analysis, limit: number): Identity[] {
  const { diagnosis, sections, topGoroutines } = analysis;
  const { execution, schedWait, block, syscall } = topGoroutines;
  const groups: readonly (readonly Identity[])[] = [
    diagnosis.flatMap(({ goroutines }) => goroutines.slice(0, 5)),
    (sections.latency?.worst ?? []).slice(0, 5),
    execution.slice(0, 15),
    schedWait.slice(0, 8),
    syscall.slice(0, 5),
    block.slice(0, 8),
  ];
  const byKey = new Map(groups.flat().map(({ pid, goid }) => [`${pid} ${goid}`, { pid, goid }]));
  return [...byKey.values()].filter(({ goid }) => goid !== 0).slice(0, limit);
}
