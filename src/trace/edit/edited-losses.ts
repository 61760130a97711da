/** What the summary of a trace says of losses when it was made of others: only what its gaps tell. */
import { type CostFacts, type Gap, type LossFacts, losesTransitions } from '../../model/trace-facts.js';

export const NO_COST: CostFacts = { userCpuNs: 0, systemCpuNs: 0, peakRssBytes: 0, startupCpuNs: 0 };

export class GapLosses {
  dropped = 0;
  faulted = 0;
  gaps = 0;
  /** Calls, changes of threads and the like: no counter of the summary is about them. */
  details = 0;

  add(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      const { why, lost } = gap;
      this.gaps++;
      if (!losesTransitions(gap)) this.details += lost;
      else if (why === 'read fault') this.faulted += lost;
      else this.dropped += lost;
    }
  }

  /** The identities hold (docs/format.md, "Summary"); what cannot be told of a part is 0. */
  facts(transitions: number): LossFacts {
    const { dropped, faulted } = this;
    return {
      hits: transitions + dropped + faulted,
      paired: 0,
      submitted: transitions,
      dropped,
      faulted,
      filtered: 0,
      partial: 0,
      folded: 0,
      unnamed: 0,
      mismatched: 0,
      clamped: 0,
    };
  }
}
