/**
 * Goroutine states as numbered in `runtime/runtime2.go` (`_Gidle` … `_Gdeadextra`).
 * The numbers are the same in Go 1.19 … 1.27; 10 and 11 exist from 1.26 on.
 */
export const GoState = {
  idle: 0,
  runnable: 1,
  running: 2,
  syscall: 3,
  waiting: 4,
  dead: 6,
  copystack: 8,
  preempted: 9,
  leaked: 10,
  deadextra: 11,
} as const;

export type KnownGoState = (typeof GoState)[keyof typeof GoState];

/** The bit that the garbage collector ORs into `g.atomicstatus` while it scans a stack (`_Gscan`). */
export const SCAN_BIT = 0x1000;

const nameByState: ReadonlyMap<number, string> = new Map(Object.entries(GoState).map(([name, state]) => [state, name]));
const stateByName: ReadonlyMap<string, number> = new Map(Object.entries(GoState));

/** Name of a state as trace files spell it; a number that no Go release defines becomes `unknown(n)`. */
export function goStateName(state: number): string {
  return nameByState.get(state) ?? `unknown(${state})`;
}

/** Inverse of {@link goStateName}; undefined for a name that it never produces. */
export function parseGoStateName(name: string): number | undefined {
  const known = stateByName.get(name);
  if (known !== undefined) return known;
  const match = /^unknown\((\d{1,3})\)$/.exec(name);
  const state = match ? Number(match[1]) : Number.NaN;
  return state <= 255 ? state : undefined;
}
