/** What must hold of the rows of `goroutines` and `gaps`. */
import type { Gap, GoroutineInfo } from '../../model/trace-facts.js';

/** 52 days: readers may refuse later times (docs/format.md, "Time"). */
export const MAXIMUM_NS = 2 ** 52;

export interface FactProblem {
  readonly row: number;
  readonly found: string;
  readonly expected: string;
}

/** @param endNs of the recording; undefined while it is not known */
export function gapProblems(gaps: readonly Gap[], endNs = MAXIMUM_NS): FactProblem[] {
  return gaps.flatMap(({ fromNs, toNs, lost }, row) => {
    const problems: FactProblem[] = [];
    if (!(fromNs >= 0 && fromNs <= toNs && toNs <= endNs)) {
      problems.push({ row, found: `a gap from ${fromNs} to ${toNs} ns`, expected: `one within 0 to ${endNs} ns` });
    }
    if (!(lost >= 0 && Number.isSafeInteger(lost))) {
      problems.push({ row, found: `${lost} events lost`, expected: 'a count' });
    }
    return problems;
  });
}

export function goroutineProblems(goroutines: readonly GoroutineInfo[], endNs = MAXIMUM_NS): FactProblem[] {
  return goroutines.flatMap(({ goid, firstSeenNs }, row) => {
    const problems: FactProblem[] = [];
    if (!(goid > 0 && Number.isSafeInteger(goid))) {
      problems.push({ row, found: `goroutine ${goid}`, expected: 'an id above 0' });
    }
    if (!(firstSeenNs >= 0 && firstSeenNs <= endNs)) {
      problems.push({ row, found: `first seen at ${firstSeenNs} ns`, expected: `0 to ${endNs} ns` });
    }
    return problems;
  });
}
