/** Block time by the stack at which it began, and by reason. */
import { type Span, SpanKind } from '../../model/span.js';
import { NO_STACK } from '../../model/transition-batch.js';
import type { Extreme } from '../analysis.js';
import type { Collector, CollectorInput } from '../collector.js';
import type { Part } from '../duration-tally.js';
import type { StackList, StackTimes } from '../sections.js';
import { framesOf } from '../stack-frames.js';
import { compareTexts, topOf } from '../top-of.js';

/** Reasons are 16 bits wide. */
const REASONS = 1 << 16;

interface Sum {
  readonly stack: number;
  readonly reason: number;
  count: number;
  totalNs: number;
  longestNs: number;
  longestStart: number;
  longestOf: number;
}

export class BlockStacks implements Collector {
  readonly #input: CollectorInput;
  readonly #sums = new Map<number, Sum>();
  #withoutStackNs = 0;
  #recorded = false;

  constructor(input: CollectorInput) {
    this.#input = input;
  }

  span(span: Span, part: Part): void {
    if (span.stack !== NO_STACK) this.#recorded = true;
    if (span.kind !== SpanKind.waiting) return;
    if (span.stack === NO_STACK) this.#withoutStackNs += part.partNs;
    else this.#add(span, part);
  }

  result(): StackList {
    const sorted = [...this.#sums.values()].sort(
      (a, b) => b.totalNs - a.totalNs || compareTexts(this.#textOf(a), this.#textOf(b)) || a.stack - b.stack,
    );
    const { list, omitted } = topOf(sorted, this.#input.top);
    return {
      recorded: this.#recorded,
      list: list.map((sum) => this.#timesOf(sum)),
      omitted,
      withoutStackNs: this.#withoutStackNs,
    };
  }

  #add({ stack, reason, startNs, endNs, goroutine }: Span, { partNs, ends }: Part): void {
    const key = stack * REASONS + reason;
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      sum = { stack, reason, count: 0, totalNs: 0, longestNs: -1, longestStart: 0, longestOf: 0 };
      this.#sums.set(key, sum);
    }
    if (ends) sum.count++;
    sum.totalNs += partNs;
    if (endNs - startNs <= sum.longestNs) return;
    sum.longestNs = endNs - startNs;
    sum.longestStart = startNs;
    sum.longestOf = goroutine;
  }

  #timesOf({ stack, reason, count, totalNs, longestNs, longestStart, longestOf }: Sum): StackTimes {
    const { goroutines, reasons, stacks } = this.#input;
    const longest: Extreme = {
      ns: longestNs,
      startNs: longestStart,
      pid: goroutines.pidOf(longestOf),
      goid: goroutines.goidOf(longestOf),
    };
    return {
      stack,
      reason: reasons[reason] ?? `reason ${reason}`,
      frames: framesOf(stacks, stack),
      truncated: stacks.isTruncated(stack),
      count,
      totalNs,
      longest,
    };
  }

  #textOf({ stack, reason }: Sum): string {
    const frames = framesOf(this.#input.stacks, stack).map(({ function: name, line }) => `${name}:${line}`);
    return [this.#input.reasons[reason] ?? '', ...frames].join(' ');
  }
}
