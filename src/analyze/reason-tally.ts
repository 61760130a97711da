import type { Span } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { ReasonSummary } from './analysis.js';

const REASONS_MAX = 1 << 16;

/** Count, sum and the longest by wait reason. */
export class ReasonTally {
  private readonly counts = new Float64Array(REASONS_MAX);
  private readonly totals = new Float64Array(REASONS_MAX);
  private readonly longestNs = new Float64Array(REASONS_MAX).fill(-1);
  private readonly longestStart = new Float64Array(REASONS_MAX);
  private readonly longestOf = new Uint32Array(REASONS_MAX);

  add(span: Span): void {
    const ns = span.endNs - span.startNs;
    this.addPart(span, 1, ns, ns);
  }

  /**
   * Of a span that may lie in a window only partly.
   * @param count 1 when it ends there, else 0
   * @param partNs its time there
   * @param ns its length so far
   */
  addPart(span: Span, count: number, partNs: number, ns: number): void {
    const { reason } = span;
    this.counts[reason] = this.counts[reason]! + count;
    this.totals[reason] = this.totals[reason]! + partNs;
    const longestNs = this.longestNs[reason]!;
    if (ns > longestNs || (ns === longestNs && span.startNs < this.longestStart[reason]!)) {
      this.longestNs[reason] = ns;
      this.longestStart[reason] = span.startNs;
      this.longestOf[reason] = span.goroutine;
    }
  }

  /** By total, the longest first. */
  summarize(reasons: readonly string[], goroutines: GoroutineDirectory): ReasonSummary[] {
    const summaries: ReasonSummary[] = [];
    for (let reason = 0; reason < REASONS_MAX; reason++) {
      if (this.longestNs[reason]! < 0) continue;
      const goroutine = this.longestOf[reason]!;
      summaries.push({
        reason: reasons[reason] ?? `reason ${reason}`,
        count: this.counts[reason]!,
        totalNs: this.totals[reason]!,
        longest: {
          ns: this.longestNs[reason]!,
          startNs: this.longestStart[reason]!,
          pid: goroutines.pidOf(goroutine),
          goid: goroutines.goidOf(goroutine),
        },
      });
    }
    return summaries.sort((a, b) => b.totalNs - a.totalNs || b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }
}
