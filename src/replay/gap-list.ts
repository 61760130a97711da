import { type Gap, losesTransitions } from '../model/trace-facts.js';

/**
 * Answers whether a span crosses a gap. Gaps are few and queries are many: none costs one comparison, else the list is
 * searched by halves. A gap is known from the segment on that names it: spans that ended earlier are not marked.
 */
export class GapList {
  /** Ends of the latest gap: no span that begins later crosses one. */
  latestNs = Number.NEGATIVE_INFINITY;
  private gaps: { fromNs: number; toNs: number }[] = [];

  /** Takes those in which transitions were lost: only they say that a state may be wrong. */
  add(added: readonly Gap[]): void {
    const gaps = added.filter(losesTransitions);
    if (gaps.length === 0) return;
    for (const { fromNs, toNs } of gaps) {
      this.gaps.push({ fromNs, toNs });
      this.latestNs = Math.max(this.latestNs, toNs);
    }
    this.gaps = union(this.gaps);
  }

  /** True when events were lost after `startNs` and before `endNs`. */
  crosses(startNs: number, endNs: number): boolean {
    if (startNs >= this.latestNs) return false;
    let low = 0;
    let high = this.gaps.length;
    // The first gap that ends after startNs is the only one to ask: they are disjoint and in order.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.gaps[middle]!.toNs > startNs) high = middle;
      else low = middle + 1;
    }
    return low < this.gaps.length && this.gaps[low]!.fromNs < endNs;
  }
}

function union(gaps: readonly { fromNs: number; toNs: number }[]): { fromNs: number; toNs: number }[] {
  const sorted = gaps.toSorted((a, b) => a.fromNs - b.fromNs);
  const merged: { fromNs: number; toNs: number }[] = [];
  for (const gap of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && gap.fromNs < last.toNs) last.toNs = Math.max(last.toNs, gap.toNs);
    else merged.push({ ...gap });
  }
  return merged;
}
