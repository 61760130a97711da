/** How long spans last, by group of goroutines and by state. */
import { type Span, SpanKind } from '../../model/span.js';
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally, type Part } from '../duration-tally.js';
import { byCreator, byLabels, byStartFunction, GoroutineGroups, type NameOf } from '../goroutine-groups.js';
import type { Grouping, GroupStats, GroupsSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';

/** Place of a kind in a group's row of tallies: all but `unseen` and `unknown`, which are no spans. */
const KINDS = 7;

/**
 * What one group did: count, sum, min, max and histogram of each state and, of waiting, of each reason. Everything that
 * a comparison of two traces needs.
 */
export interface FunctionStats {
  readonly name: string;
  readonly goroutines: number;
  readonly execution: DurationTally;
  readonly schedWait: DurationTally;
  readonly block: DurationTally;
  readonly syscall: DurationTally;
  readonly preempted: DurationTally;
  readonly blockByReason: ReadonlyMap<string, DurationTally>;
}

export type GoroutineGrouping = Exclude<Grouping, 'reason'>;

const NAMES: Readonly<Record<GoroutineGrouping, NameOf>> = {
  function: byStartFunction,
  creator: byCreator,
  label: byLabels,
};

export class FunctionTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #by: GoroutineGrouping;
  readonly #groups: GoroutineGroups;
  /** By `group * KINDS + kind`. */
  readonly #tallies: (DurationTally | undefined)[] = [];
  /** By group, then reason. */
  readonly #reasons: Map<number, DurationTally>[] = [];

  constructor(input: CollectorInput, by: GoroutineGrouping = 'function') {
    this.#input = input;
    this.#by = by;
    this.#groups = new GoroutineGroups(input.goroutines, NAMES[by]);
  }

  span({ goroutine, kind, startNs, endNs, reason }: Span, part: Part): void {
    if (kind === SpanKind.unseen || kind === SpanKind.unknown) return;
    const ns = endNs - startNs;
    const group = this.#groups.of(goroutine);
    this.#tally(group, kind).addPart(ns, part);
    if (kind !== SpanKind.waiting) return;
    this.#reasons[group] ??= new Map();
    const reasons = this.#reasons[group];
    let tally = reasons.get(reason);
    if (tally === undefined) {
      tally = new DurationTally();
      reasons.set(reason, tally);
    }
    tally.addPart(ns, part);
  }

  /** Every group, for comparisons. @param counts whether a goroutine counts */
  *stats(counts: (goroutine: number) => boolean): Iterable<FunctionStats> {
    const sizes = this.#groups.sizes(counts);
    for (const [group, name] of this.#groups.names.entries()) {
      yield {
        name,
        goroutines: sizes[group] ?? 0,
        execution: this.#tally(group, SpanKind.running),
        schedWait: this.#tally(group, SpanKind.runnable),
        block: this.#tally(group, SpanKind.waiting),
        syscall: this.#tally(group, SpanKind.syscall),
        preempted: this.#tally(group, SpanKind.preempted),
        blockByReason: this.#byReason(group),
      };
    }
  }

  result(counts: (goroutine: number) => boolean): GroupsSection {
    const busyNs = ({ execution, schedWait }: FunctionStats) => execution.totalNs + schedWait.totalNs;
    const sorted = [...this.stats(counts)].toSorted(
      (a, b) => busyNs(b) - busyNs(a) || b.block.totalNs - a.block.totalNs || compareTexts(a.name, b.name),
    );
    const { list, omitted } = topOf(sorted, this.#input.top);
    return { by: this.#by, list: list.map(groupStats), omitted };
  }

  #byReason(group: number): Map<string, DurationTally> {
    const named = [...(this.#reasons[group] ?? [])].map(
      ([reason, tally]) => [this.#input.reasons[reason] ?? `reason ${reason}`, tally] as const,
    );
    return new Map(named);
  }

  #tally(group: number, kind: SpanKind): DurationTally {
    const at = group * KINDS + kind;
    let tally = this.#tallies[at];
    if (tally === undefined) {
      tally = new DurationTally();
      this.#tallies[at] = tally;
    }
    return tally;
  }
}

function groupStats(stats: FunctionStats): GroupStats {
  const { name, goroutines, execution, schedWait, block, syscall, preempted } = stats;
  return {
    name,
    goroutines,
    execution: execution.stats(),
    schedWait: schedWait.stats(),
    block: block.stats(),
    syscall: syscall.stats(),
    preempted: preempted.stats(),
  };
}
