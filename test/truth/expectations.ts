/** What every recording must fulfil, whatever was recorded. */
import { expect } from 'vitest';
import { checkChains, describeBreak } from './chains.js';
import type { Recorded } from './record-trace.js';

/** Every hit is accounted for, exactly. */
export function expectAccounting({ losses, trace }: Pick<Recorded, 'losses' | 'trace'>): void {
  const { hits, paired, submitted, dropped, faulted, filtered, folded } = losses;
  expect(hits + paired).toBe(submitted + dropped + faulted + filtered);
  expect(submitted).toBe(trace.rows.length + folded);
  expect(trace.summary?.transitions).toBe(trace.rows.length);
}

/** Nothing was lost, each goroutine's changes fit together, and each is introduced once. */
export function expectComplete({ losses, trace }: Pick<Recorded, 'losses' | 'trace'>): void {
  expect({ dropped: losses.dropped, faulted: losses.faulted, gaps: trace.gaps, damage: trace.damage }).toEqual({
    dropped: 0,
    faulted: 0,
    gaps: [],
    damage: [],
  });
  const chains = checkChains(trace);
  expect(chains.breaks.slice(0, 10).map(describeBreak)).toEqual([]);
  expect([...chains.illegal]).toEqual([]);
  expect(chains.backwards).toBe(0);
  const names = trace.goroutines.map(({ pid, goid }) => `${pid} ${goid}`);
  expect(new Set(names).size).toBe(names.length);
}
