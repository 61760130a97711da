/**
 * What a reader should look at first: each rule looks at the figures and says one sentence, or nothing. A program that is
 * healthy and idle gets no sentence: every rule asks for a part of the whole time, not for a single event. Thresholds are
 * documented in docs/analysis.md.
 */
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { TraceFacts } from '../model/trace-facts.js';
import type { Analysis } from './analysis.js';
import { hogRule, osRule, saturationRule, schedWaitRule } from './diagnosis/cpu-rules.js';
import { collectorRule, stackScanRule, worldRule } from './diagnosis/gc-rules.js';
import { churnRule, growthRule, leakRule } from './diagnosis/life-rules.js';
import { chainsRule, lockRule } from './diagnosis/lock-rules.js';
import type { Finding } from './findings.js';
import type { LongEvents } from './long-events.js';
import { realtimeOf } from './wall-clock.js';

/** All that rules look at. */
export interface Evidence {
  readonly analysis: Omit<Analysis, 'diagnosis'>;
  readonly long: LongEvents;
  readonly goroutines: GoroutineDirectory;
  readonly facts: TraceFacts;
}

/** What a rule says; the rest of a {@link Finding} is the same for all. */
export interface Verdict extends Pick<Finding, 'rule' | 'severity' | 'sentence' | 'figures' | 'section'> {
  readonly atNs?: number | undefined;
  readonly goroutines?: Finding['goroutines'] | undefined;
  /** Order among those of the same severity: the share of the time that is lost by it. */
  readonly weight: number;
  /** What is wrong about the figures besides coverage and losses. */
  readonly caveat?: string | undefined;
}

export type Rule = (evidence: Evidence) => Verdict | undefined;

const RULES: readonly Rule[] = [
  leakRule,
  osRule,
  schedWaitRule,
  hogRule,
  lockRule,
  worldRule,
  collectorRule,
  stackScanRule,
  saturationRule,
  chainsRule,
  growthRule,
  churnRule,
];

export function diagnose(evidence: Evidence): Finding[] {
  const verdicts = RULES.flatMap((rule) => rule(evidence) ?? []);
  const rank = ({ severity }: Verdict) => (severity === 'problem' ? 0 : 1);
  return verdicts
    .toSorted((a, b) => rank(a) - rank(b) || b.weight - a.weight)
    .map((verdict) => findingOf(verdict, evidence));
}

function findingOf(verdict: Verdict, { analysis, facts }: Evidence): Finding {
  const { rule, severity, sentence, figures, section, atNs, goroutines, caveat } = verdict;
  return {
    rule,
    severity,
    sentence,
    figures,
    section,
    certainty: [coverageText(analysis), lossText(analysis), ...(caveat === undefined ? [] : [caveat])].join('; '),
    atNs: atNs ?? null,
    realtimeNs: atNs === undefined ? '' : realtimeOf(facts, atNs),
    goroutines: goroutines ?? [],
  };
}

function coverageText({ coverage }: Evidence['analysis']): string {
  return `${(coverage.share * 100).toFixed(1)} % of goroutine time is known`;
}

function lossText({ losses }: Evidence['analysis']): string {
  if (losses.complete) return 'nothing was lost';
  if (losses.lostEvents > 0) return `${losses.lostEvents} events were lost: figures may be too high or too low`;
  return 'the file is damaged: figures are incomplete';
}
