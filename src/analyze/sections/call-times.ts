/** Recorded calls: how long they take, and what their goroutines did meanwhile. */
import type { CallInfo } from '../../model/call.js';
import { type Span, SpanKind } from '../../model/span.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally } from '../duration-tally.js';
import type { CallSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';
import { GoroutineIds } from './goroutine-ids.js';
import { RecentSpans } from './recent-spans.js';

const KINDS = 7;

interface FunctionCalls {
  readonly latency: DurationTally;
  readonly goroutines: Set<number>;
  unwound: number;
  unfinished: number;
  unknown: number;
  split: number;
  /** Time by kind of span within the calls that could be split. */
  readonly within: Float64Array;
  longest: CallInfo | undefined;
}

export class CallTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #ids: GoroutineIds;
  readonly #spans = new RecentSpans();
  readonly #byFunction = new Map<string, FunctionCalls>();
  /** Of the segment at hand, in order of their ends; those before `#next` are counted. */
  #calls: CallInfo[] = [];
  #next = 0;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#ids = new GoroutineIds(input.goroutines);
  }

  segment({ calls }: TraceSegment): void {
    this.#countUntil(Number.POSITIVE_INFINITY);
    this.#calls = [...(calls ?? [])].sort((a, b) => a.endNs - b.endNs);
    this.#next = 0;
  }

  opened(span: Span): void {
    this.#spans.opened(span);
  }

  /** Spans come in order of their ends: what a call has seen of its goroutine is known when a later one ends. */
  span(span: Span): void {
    if (this.#next < this.#calls.length) this.#countUntil(span.endNs);
    this.#spans.add(span);
  }

  end(goroutine: number): void {
    this.#spans.ended(goroutine);
  }

  finish(): void {
    this.#countUntil(Number.POSITIVE_INFINITY);
  }

  /** Null when no call was recorded. */
  result(): CallSection | null {
    if (this.#byFunction.size === 0) return null;
    const sorted = [...this.#byFunction].sort(
      ([nameA, a], [nameB, b]) => b.latency.totalNs - a.latency.totalNs || compareTexts(nameA, nameB),
    );
    const { list, omitted } = topOf(sorted, this.#input.top);
    return { functions: list.map(([name, calls]) => namedCalls(name, calls)), omitted };
  }

  #countUntil(timeNs: number): void {
    while (this.#next < this.#calls.length && this.#calls[this.#next]!.endNs < timeNs) {
      const call = this.#calls[this.#next++]!;
      const { fromNs, toNs } = this.#input.window;
      if (call.endNs >= fromNs && call.endNs < toNs) this.#count(call);
    }
  }

  #count(call: CallInfo): void {
    const calls = this.#of(call.function);
    const goroutine = this.#ids.indexOf(call.pid, call.goid);
    calls.goroutines.add(goroutine);
    if (call.outcome === 'unfinished') calls.unfinished++;
    else if (call.outcome === 'unknown') calls.unknown++;
    else {
      const ns = call.endNs - call.startNs;
      if (call.outcome === 'unwound') calls.unwound++;
      calls.latency.add(ns);
      if (calls.longest === undefined || ns > calls.longest.endNs - calls.longest.startNs) calls.longest = call;
      if (goroutine >= 0 && this.#spans.addWithin(goroutine, call.startNs, call.endNs, calls.within)) calls.split++;
    }
  }

  #of(name: string): FunctionCalls {
    let calls = this.#byFunction.get(name);
    if (calls === undefined) {
      calls = {
        latency: new DurationTally(),
        goroutines: new Set(),
        unwound: 0,
        unfinished: 0,
        unknown: 0,
        split: 0,
        within: new Float64Array(KINDS),
        longest: undefined,
      };
      this.#byFunction.set(name, calls);
    }
    return calls;
  }
}

function namedCalls(name: string, calls: FunctionCalls): CallSection['functions'][number] {
  const { latency, goroutines, unwound, unfinished, unknown, split, within, longest } = calls;
  return {
    function: name,
    goroutines: goroutines.size,
    latency: latency.stats(),
    unwound,
    unfinished,
    unknown,
    within: {
      calls: split,
      executionNs: within[SpanKind.running]!,
      schedWaitNs: within[SpanKind.runnable]!,
      blockNs: within[SpanKind.waiting]!,
      syscallNs: within[SpanKind.syscall]!,
      preemptedNs: within[SpanKind.preempted]!,
      otherNs: within[SpanKind.unseen]! + within[SpanKind.unknown]!,
    },
    longest:
      longest === undefined
        ? null
        : {
            ns: longest.endNs - longest.startNs,
            startNs: longest.startNs,
            pid: longest.pid,
            goid: longest.goid,
            arguments: longest.arguments,
          },
  };
}
