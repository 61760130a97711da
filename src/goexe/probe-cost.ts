/**
 * What one hit of a probe costs the target, by how the kernel makes up for the instruction under the breakpoint. CPU time of
 * the target, measured with `node --import tsx test/bench/calls-bench.ts` on two shared cores (AMD EPYC virtual machine,
 * Linux 6.18): an empty program on `push` 0.56 µs, on a single-stepped instruction 9.8 to 10.0 µs, what gotape does there
 * 0.3 to 0.4 µs more. The upper ends are the longest medians seen, while other processes ran.
 */
import type { CallPoints } from './call-points.js';

export const EMULATED_NS = { low: 500, high: 1200 } as const;
export const SINGLE_STEPPED_NS = { low: 9_000, high: 17_000 } as const;
/** Where these figures come from, for those who read them. */
export const COST_SOURCE = 'measured on a virtual machine with Linux 6.18, see docs/calls.md; other machines differ';

export interface CostRange {
  readonly lowNs: number;
  readonly highNs: number;
}

/** Of one call: its entry and the most expensive of its ends. */
export function callCost({ entry, returns }: CallPoints): CostRange {
  const hits = [entry.emulated, ...(returns.length > 0 ? [returns.every(({ emulated }) => emulated)] : [])];
  const costs = hits.map((emulated) => (emulated ? EMULATED_NS : SINGLE_STEPPED_NS));
  return {
    lowNs: costs.reduce((sum, { low }) => sum + low, 0),
    highNs: costs.reduce((sum, { high }) => sum + high, 0),
  };
}
