import type { ReplayCounts } from '../model/span-sink.js';
import type { TraceFacts } from '../model/trace-facts.js';
import type { Coverage, Losses } from './analysis.js';

/** Below this share of known time the totals say little. */
const LOW_COVERAGE = 0.5;

interface Findings {
  readonly facts: TraceFacts;
  readonly losses: Losses;
  readonly coverage: Coverage;
  readonly counts: ReplayCounts;
}

/** What somebody who reads only the totals would get wrong: what the trace says about itself first. */
export function warningsOf({ facts, losses, coverage, counts }: Findings): string[] {
  const warnings = [...facts.invisible];
  if (losses.lostEvents > 0) warnings.push(lossSentence(losses, coverage));
  if (coverage.share < LOW_COVERAGE) {
    warnings.push(
      `the state of goroutines is known for ${percent(coverage.share)} of their time only: most did not change it ` +
        'while the trace was recorded, see the unknown time',
    );
  }
  const unseen = counts.unseenPairs.reduce((sum, count) => sum + count, 0);
  if (unseen > 0) warnings.push(`${unseen} changes of state were missed between events: the time between is unseen`);
  if (counts.backwards > 0) warnings.push(`${counts.backwards} transitions lie before their predecessors in time`);
  return warnings;
}

function lossSentence(losses: Losses, coverage: Coverage): string {
  return (
    `${losses.lostEvents} events were lost in ${losses.gapCount} gaps: ${coverage.spansAcrossGaps} spans overlap one ` +
    'and may in truth be several'
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
