/**
 * Spans in, figures out: one pass, memory by the number of goroutines. What runs per span adds to typed arrays and
 * allocates nothing; everything else happens once, in `summarize.ts`.
 */
import { DurationHistogram } from '../base/histogram.js';
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory, SpanSink } from '../model/span-sink.js';
import type { Gap } from '../model/trace-facts.js';
import { GoroutineTimes, SYSTEM_STACK } from './goroutine-times.js';
import { LeakFinder } from './leak-finder.js';
import { LONG_NS, LongEvents } from './long-events.js';
import { LossTally } from './loss-tally.js';
import { ReasonTally } from './reason-tally.js';
import { TimeBuckets } from './time-buckets.js';

export class Analyzer implements SpanSink {
  readonly timesOnly = true;
  readonly times = new GoroutineTimes();
  readonly blocked = new ReasonTally();
  readonly systemStacks = new ReasonTally();
  readonly buckets: TimeBuckets;
  readonly losses = new LossTally();
  readonly latency = new DurationHistogram();
  readonly long: LongEvents;
  readonly leaks = new LeakFinder();
  readonly longestLatency = { ns: -1, startNs: 0, goroutine: 0 };
  /** Unknown time by the kind that its hint names. */
  readonly unknownByHint = new Float64Array(8);
  created = 0;
  exited = 0;
  begun = 0;
  spansAcrossGaps = 0;
  knownAcrossGapsNs = 0;

  /** @param originNs time from which on the trace tells */
  constructor(goroutines: GoroutineDirectory, originNs = 0) {
    this.long = new LongEvents(goroutines);
    this.buckets = new TimeBuckets(originNs);
  }

  /** True for a goroutine that counts: it need not have lived while events were recorded. */
  counts(_goroutine: number): boolean {
    return true;
  }

  gaps(gaps: readonly Gap[]): void {
    this.losses.add(gaps);
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    this.times.reserve(goroutine);
    this.buckets.begin(timeNs, created);
    this.begun++;
    if (!created) return;
    this.created++;
    this.leaks.created(goroutine, timeNs);
  }

  end(goroutine: number, timeNs: number): void {
    this.buckets.end(timeNs);
    this.exited++;
    this.leaks.exited(goroutine);
  }

  span(span: Span): void {
    const { kind } = span;
    const ns = span.endNs - span.startNs;
    this.times.add(span.goroutine, kind, ns);
    if (kind === SpanKind.running) {
      if (ns >= LONG_NS) this.long.add(span);
    } else if (kind === SpanKind.waiting) this.blocked.add(span);
    else if (kind === SpanKind.runnable) this.addLatency(span);
    else if (kind === SpanKind.unknown) this.addUnknown(span, ns);
    if (span.crossesGap) this.addAcrossGap(kind, ns);
  }

  systemStack(span: Span): void {
    const ns = span.endNs - span.startNs;
    this.times.add(span.goroutine, SYSTEM_STACK, ns);
    this.systemStacks.add(span);
  }

  protected addLatency(span: Span): void {
    const ns = span.endNs - span.startNs;
    this.latency.record(ns);
    if (ns >= LONG_NS) this.long.add(span);
    const { ns: longestNs, startNs } = this.longestLatency;
    if (ns < longestNs || (ns === longestNs && span.startNs >= startNs)) return;
    this.longestLatency.ns = ns;
    this.longestLatency.startNs = span.startNs;
    this.longestLatency.goroutine = span.goroutine;
  }

  protected addUnknown(span: Span, ns: number): void {
    this.unknownByHint[span.hint] = this.unknownByHint[span.hint]! + ns;
    this.leaks.unknown(span);
  }

  protected addAcrossGap(kind: SpanKind, ns: number): void {
    this.spansAcrossGaps++;
    if (kind !== SpanKind.unknown && kind !== SpanKind.unseen) this.knownAcrossGapsNs += ns;
  }
}
