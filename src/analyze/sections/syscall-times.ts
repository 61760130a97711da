/** System calls as the Go scheduler knows them: from entersyscall to exitsyscall, cgo calls included. */
import { type Span, SpanKind } from '../../model/span.js';
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally, type Part, statsOf } from '../duration-tally.js';
import { extremeOf, LongestSpans } from '../extremes.js';
import { byStartFunction, GoroutineGroups } from '../goroutine-groups.js';
import type { SyscallSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';

export class SyscallTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #groups: GoroutineGroups;
  readonly #all = new DurationTally();
  readonly #byGroup: (DurationTally | undefined)[] = [];
  readonly #longest: LongestSpans;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#groups = new GoroutineGroups(input.goroutines, byStartFunction);
    this.#longest = new LongestSpans(input.top, input.goroutines);
  }

  span(span: Span, part: Part): void {
    if (span.kind !== SpanKind.syscall) return;
    const ns = span.endNs - span.startNs;
    this.#all.addPart(ns, part);
    const group = this.#groups.of(span.goroutine);
    this.#byGroup[group] ??= new DurationTally();
    this.#byGroup[group].addPart(ns, part);
    this.#longest.add(span);
  }

  /** @param returnsWithoutP as replay counted them */
  result(returnsWithoutP: number): SyscallSection {
    const { top, goroutines } = this.#input;
    const groups = this.#byGroup
      .map((tally, group) => ({ startFunction: this.#groups.names[group] ?? '', tally: tally ?? new DurationTally() }))
      .filter(({ tally }) => tally.stats() !== null)
      .sort((a, b) => b.tally.totalNs - a.tally.totalNs || compareTexts(a.startFunction, b.startFunction));
    const { list, omitted } = topOf(groups, top);
    return {
      stats: this.#all.stats(),
      byFunction: list.map(({ startFunction, tally }) => ({ startFunction, ...statsOf(tally) })),
      omitted,
      longest: this.#longest.items().map((span) => extremeOf(span, goroutines)),
      returnsWithoutP,
    };
  }
}
