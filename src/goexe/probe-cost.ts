/**
 * What one hit of a probe costs the target, by how the kernel makes up for the instruction under the breakpoint. Measured
 * with `npm run bench -- --calls` on two shared cores (AMD EPYC virtual machine, Linux 6.18): an empty program on `push`
 * took 0.5–0.6 µs, on instructions that are single-stepped 9–17 µs. A real machine single-steps faster; the ratio stays.
 */
import type { CallPoints } from './call-points.js';

export const EMULATED_NS = { low: 500, high: 1200 } as const;
export const SINGLE_STEPPED_NS = { low: 9_000, high: 17_000 } as const;
/** Where these figures come from, for those who read them. */
export const COST_SOURCE =
  'docs/calls.md, measured on a virtual machine with Linux 6.18; npm run bench -- --calls measures yours';

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
