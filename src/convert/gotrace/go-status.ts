/** States of a goroutine as Go's execution traces number them: `GoStatus` in internal/trace/tracev2/status.go. */
import { SpanKind } from '../../model/span.js';
import { ENDED } from '../becoming.js';

export const GoStatus = { none: 0, runnable: 1, running: 2, syscall: 3, waiting: 4 } as const;
export type GoStatus = (typeof GoStatus)[keyof typeof GoStatus];

const statusByKind: readonly GoStatus[] = byKind();

/** Unseen and unknown time has no status of its own: it is a wait, with a reason that says so. */
export function statusOf(kind: number): GoStatus {
  return kind === ENDED ? GoStatus.none : (statusByKind[kind] ?? GoStatus.waiting);
}

function byKind(): GoStatus[] {
  const statuses = new Array<GoStatus>(Object.keys(SpanKind).length).fill(GoStatus.waiting);
  statuses[SpanKind.running] = GoStatus.running;
  statuses[SpanKind.runnable] = GoStatus.runnable;
  statuses[SpanKind.syscall] = GoStatus.syscall;
  return statuses;
}
