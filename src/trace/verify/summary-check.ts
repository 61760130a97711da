/** Does the summary say what the tables say? (docs/format.md, "Summary") */
import type { LossFacts, SegmentIndex, TraceSummary } from '../../model/trace-facts.js';
import { SUMMARY_ENTRY } from '../entry-names.js';
import type { ProblemList } from './problems.js';

/** What the tables add up to. */
export interface TableTotals {
  readonly transitions: number;
  readonly goroutines: number;
  readonly lost: number;
  /** In order; undefined for a segment that could not be read. */
  readonly index: readonly (SegmentIndex | undefined)[];
}

export function checkSummary(summary: TraceSummary, tables: TableTotals, problems: ProblemList): void {
  for (const [found, expected] of [...totalProblems(summary, tables), ...balanceProblems(summary.losses, tables)]) {
    problems.add({ kind: 'summary', entry: SUMMARY_ENTRY, found, expected });
  }
  const segments = Math.min(summary.index.length, tables.index.length);
  for (let row = 0; row < segments; row++) {
    const [claim, truth] = [summary.index[row]!, tables.index[row]];
    if (truth === undefined || indexText(claim) === indexText(truth)) continue;
    problems.add({ kind: 'index', entry: SUMMARY_ENTRY, row, found: indexText(claim), expected: indexText(truth) });
  }
}

type Difference = readonly [found: string, expected: string];

function totalProblems(summary: TraceSummary, { transitions, goroutines, index }: TableTotals): Difference[] {
  const compare = (what: string, claim: number, truth: number): Difference[] =>
    claim === truth ? [] : [[`${claim} ${what}`, `${truth}, which the tables hold`]];
  return [
    ...compare('transitions', summary.transitions, transitions),
    ...compare('goroutines', summary.goroutines, goroutines),
    ...compare('segments', summary.index.length, index.length),
  ];
}

/** The identities of the counters. */
export function balanceProblems(losses: LossFacts, { transitions, lost }: TableTotals): Difference[] {
  const { hits, paired, submitted, dropped, faulted, filtered, folded } = losses;
  const equal = (left: string, a: number, right: string, b: number): Difference[] =>
    a === b ? [] : [[`${left} = ${a}`, `${b} = ${right}`]];
  return [
    ...equal(
      'hits + paired',
      hits + paired,
      'submitted + dropped + faulted + filtered',
      submitted + dropped + faulted + filtered,
    ),
    ...equal('submitted', submitted, 'transitions + folded', transitions + folded),
    ...equal('dropped + faulted', dropped + faulted, 'events lost in all gaps', lost),
  ];
}

function indexText({ rows, firstNs, lastNs, lost }: SegmentIndex): string {
  return `${rows} rows from ${firstNs} to ${lastNs} ns, ${lost} lost`;
}
