/** How long goroutines wait for each reason: of the program, and of the collector that stops them. */
import { type Span, SpanKind } from '../../model/span.js';
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally, type Part } from '../duration-tally.js';
import type { GroupsSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';

interface ReasonTimesOfOne {
  readonly block: DurationTally;
  readonly preempted: DurationTally;
  readonly goroutines: Set<number>;
}

export class ReasonTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #byReason = new Map<number, ReasonTimesOfOne>();

  constructor(input: CollectorInput) {
    this.#input = input;
  }

  span({ goroutine, kind, startNs, endNs, reason }: Span, part: Part): void {
    if (kind !== SpanKind.waiting && kind !== SpanKind.preempted) return;
    let times = this.#byReason.get(reason);
    if (times === undefined) {
      times = { block: new DurationTally(), preempted: new DurationTally(), goroutines: new Set() };
      this.#byReason.set(reason, times);
    }
    times.goroutines.add(goroutine);
    (kind === SpanKind.waiting ? times.block : times.preempted).addPart(endNs - startNs, part);
  }

  /** By reason, the greatest total first. */
  tallies(): { readonly reason: string; readonly tally: DurationTally }[] {
    return [...this.#byReason]
      .map(([reason, { block }]) => ({ reason: this.#nameOf(reason), tally: block }))
      .filter(({ tally }) => tally.stats() !== null)
      .sort((a, b) => b.tally.totalNs - a.tally.totalNs || compareTexts(a.reason, b.reason));
  }

  /** As groups, for `--group-by reason`. */
  result(): GroupsSection {
    const totalNs = ({ block, preempted }: ReasonTimesOfOne) => block.totalNs + preempted.totalNs;
    const sorted = [...this.#byReason].sort(
      ([a, timesA], [b, timesB]) => totalNs(timesB) - totalNs(timesA) || compareTexts(this.#nameOf(a), this.#nameOf(b)),
    );
    const { list, omitted } = topOf(sorted, this.#input.top);
    const groups = list.map(([reason, { block, preempted, goroutines }]) => ({
      name: this.#nameOf(reason),
      goroutines: goroutines.size,
      execution: null,
      schedWait: null,
      block: block.stats(),
      syscall: null,
      preempted: preempted.stats(),
    }));
    return { by: 'reason', list: groups, omitted };
  }

  #nameOf(reason: number): string {
    return this.#input.reasons[reason] ?? `reason ${reason}`;
  }
}
