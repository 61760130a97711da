import { type Gap, losesTransitions } from '../model/trace-facts.js';
import type { Losses } from './analysis.js';
import { TopList } from './top-list.js';

const GAPS_SHOWN = 100;

/** Adds up the gaps of a trace in which transitions were lost. */
export class LossTally {
  private lost = 0;
  private count = 0;
  private readonly worst = new TopList<Gap>(GAPS_SHOWN, (a, b) => a.fromNs - b.fromNs || a.toNs - b.toNs);

  add(gaps: readonly Gap[]): void {
    for (const gap of gaps.filter(losesTransitions)) {
      this.lost += gap.lost;
      this.count++;
      this.worst.offer(gap, gap.lost);
    }
  }

  /** @param lostEvents what the recorder counted, if it could finish: it may have lost some where no segment tells of it */
  summarize(damage: readonly string[], lostEvents = 0): Losses {
    const lost = Math.max(this.lost, lostEvents);
    return {
      complete: lost === 0 && this.count === 0 && damage.length === 0,
      lostEvents: lost,
      gapCount: this.count,
      gaps: this.worst.items().map(({ fromNs, toNs, lost, why }) => ({ fromNs, toNs, lost, why })),
      damage: [...damage],
    };
  }
}
