import type { Span } from '../../model/span.js';
import type { Collector, CollectorInput } from '../collector.js';
import { type Part, statsOf } from '../duration-tally.js';
import type { BlockSection } from '../sections.js';
import { BlockStacks } from './block-stacks.js';
import { ReasonTimes } from './reason-times.js';

/** Block time, by reason and by stack. */
export class BlockTimes implements Collector {
  readonly #reasons: ReasonTimes;
  readonly #stacks: BlockStacks;

  constructor(input: CollectorInput) {
    this.#reasons = new ReasonTimes(input);
    this.#stacks = new BlockStacks(input);
  }

  span(span: Span, part: Part): void {
    this.#reasons.span(span, part);
    this.#stacks.span(span, part);
  }

  result(): BlockSection {
    const reasons = this.#reasons.tallies().map(({ reason, tally }) => ({ reason, ...statsOf(tally) }));
    return { reasons, stacks: this.#stacks.result() };
  }
}
