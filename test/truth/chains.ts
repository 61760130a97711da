/** Each goroutine's changes must fit together: what one event left it in, the next one finds it in. */
import { goStateName } from '../../src/model/go-state.js';
import { isLegalTransition } from '../../src/model/legal-transitions.js';
import { changeOf, type Row, type TraceRows } from './trace-rows.js';

export interface Break {
  readonly before: Row;
  readonly after: Row;
}

export interface Chains {
  readonly breaks: readonly Break[];
  /** Change → how often, of changes that no Go release makes. */
  readonly illegal: ReadonlyMap<string, number>;
  /** Rows without a goroutine's id. */
  readonly anonymous: number;
  /** Rows that lie before their predecessor in time. */
  readonly backwards: number;
}

export function checkChains({ rows }: TraceRows): Chains {
  const last = new Map<string, Row>();
  const breaks: Break[] = [];
  const illegal = new Map<string, number>();
  let anonymous = 0;
  let backwards = 0;
  rows.forEach((row, i) => {
    if (i > 0 && row.timeNs < rows[i - 1]!.timeNs) backwards++;
    if (!isLegalTransition(row.from, row.to)) illegal.set(changeOf(row), (illegal.get(changeOf(row)) ?? 0) + 1);
    if (row.goid === 0) {
      anonymous++;
      return;
    }
    const key = `${row.pid} ${row.goid}`;
    const before = last.get(key);
    if (before !== undefined && before.to !== row.from) breaks.push({ before, after: row });
    last.set(key, row);
  });
  return { breaks, illegal, anonymous, backwards };
}

/** For the message of a failing test. */
export function describeBreak({ before, after }: Break): string {
  return (
    `goroutine ${after.goid}: left ${goStateName(before.to)} (${changeOf(before)} at ${before.timeNs} ns), ` +
    `then ${changeOf(after)} at ${after.timeNs} ns`
  );
}
