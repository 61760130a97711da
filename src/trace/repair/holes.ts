/** Where rows are missing from a damaged trace, a table of gaps says so. */
import type { Gap, SegmentIndex } from '../../model/trace-facts.js';
import { DAMAGED, type JudgedSegment, type JudgedTrace } from './judged-segments.js';

export interface Hole {
  readonly segment: number;
  /** Stands in a segment of which other tables are there. */
  readonly gap: Gap;
  /** Those that its own table of gaps held before. */
  readonly others: readonly Gap[];
}

/**
 * @param index of the original summary, if that can be read
 * @param isTorn entries are missing whose names are not known: a number that is left out is a hole too
 */
export function findHoles(trace: JudgedTrace, index: readonly SegmentIndex[], isTorn: boolean): Hole[] {
  const holes: Hole[] = [];
  let lastNs = 0;
  let expected = 0;
  for (const [i, segment] of trace.segments.entries()) {
    const toNs = nextRowNs(trace, i);
    const hole = (number: number, lost: number, others: readonly Gap[]) =>
      holes.push({ segment: number, gap: { fromNs: lastNs, toNs, lost, why: DAMAGED }, others });
    if (isTorn && segment.number > expected) hole(expected, rowsOf(index, expected, segment.number), []);
    if (!segment.hasRows) hole(segment.number, knownRows(trace, index, i), segment.gaps);
    if (segment.rows > 0) lastNs = segment.lastNs;
    expected = segment.number + 1;
  }
  return holes;
}

function nextRowNs({ segments, lastNs }: JudgedTrace, from: number): number {
  for (let i = from; i < segments.length; i++) {
    const { rows, firstNs } = segments[i]!;
    if (rows > 0) return firstNs;
  }
  return lastNs;
}

/** The i-th of the index is the i-th segment of the file as it was written. */
function knownRows({ segments }: JudgedTrace, index: readonly SegmentIndex[], i: number): number {
  const { number } = segments[i] as JudgedSegment;
  return (index.length === segments.length ? index[i] : index[number])?.rows ?? 0;
}

function rowsOf(index: readonly SegmentIndex[], from: number, to: number): number {
  return index.slice(from, to).reduce((sum, { rows }) => sum + rows, 0);
}
