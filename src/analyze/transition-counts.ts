import { goStateName } from '../model/go-state.js';
import { isLegalTransition } from '../model/legal-transitions.js';
import type { ReplayCounts } from '../model/span-sink.js';
import type { Anomalies, TransitionCount } from './analysis.js';

/** Counts by pair of states under the states' names, the most frequent first. */
export function namedTransitions(
  pairs: Float64Array,
  wanted: (from: number, to: number) => boolean = () => true,
): TransitionCount[] {
  const counts: TransitionCount[] = [];
  for (let pair = 0; pair < pairs.length; pair++) {
    const count = pairs[pair]!;
    const from = pair >> 8;
    const to = pair & 0xff;
    if (count > 0 && wanted(from, to)) counts.push({ from: goStateName(from), to: goStateName(to), count });
  }
  return counts.sort((a, b) => b.count - a.count);
}

export function anomaliesOf(counts: ReplayCounts): Anomalies {
  return {
    illegalTransitions: namedTransitions(counts.pairs, (from, to) => !isLegalTransition(from, to)),
    unseenTransitions: namedTransitions(counts.unseenPairs),
    backwardsInTime: counts.backwards,
    withoutGoroutine: counts.anonymous,
  };
}
