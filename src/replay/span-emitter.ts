import { type Span, SpanKind } from '../model/span.js';
import type { SpanSink } from '../model/span-sink.js';
import { NO_P, NO_STACK } from '../model/transition-batch.js';
import type { GapList } from './gap-list.js';
import { Float, floatBase, type GoroutineRecords, Word, wordBase } from './goroutine-records.js';

/** Fills the one span object and hands it on. */
export class SpanEmitter {
  /** Reason of preempted spans, index into the trace's reasons. */
  preemptedReason = 0;

  private readonly records: GoroutineRecords;
  private readonly gaps: GapList;
  private readonly sink: SpanSink;
  private readonly timesOnly: boolean;
  private readonly span = newSpan();

  constructor(records: GoroutineRecords, gaps: GapList, sink: SpanSink) {
    this.records = records;
    this.gaps = gaps;
    this.sink = sink;
    this.timesOnly = sink.timesOnly === true;
  }

  /** The span at hand ends as `kind`, at the event at hand. */
  known(goroutine: number, kind: SpanKind): void {
    const { span } = this;
    const base = floatBase(goroutine);
    span.startNs = this.records.floats[base + Float.startNs]!;
    span.endNs = this.records.floats[base + Float.nowNs]!;
    this.send(goroutine, kind);
  }

  /** The part of the span at hand that its goroutine's last event still confirms, if it has a length. */
  confirmed(goroutine: number, kind: SpanKind): void {
    const { span } = this;
    const base = floatBase(goroutine);
    span.startNs = this.records.floats[base + Float.startNs]!;
    span.endNs = this.records.floats[base + Float.partNs]!;
    if (span.startNs < span.endNs) this.send(goroutine, kind);
  }

  /** The last part of the running span at hand was on the system stack. */
  systemStack(goroutine: number): void {
    const { span } = this;
    const base = floatBase(goroutine);
    span.startNs = this.records.floats[base + Float.partNs]!;
    span.endNs = this.records.floats[base + Float.nowNs]!;
    this.fill(goroutine, SpanKind.running);
    span.reason = this.records.words[wordBase(goroutine) + Word.partReason]!;
    this.sink.systemStack(span);
  }

  /** A span begins, or proves to be of another kind, as an event at `nowNs` tells; it is what stands in the record. */
  opened(goroutine: number, kind: SpanKind, nowNs: number): void {
    const { span } = this;
    span.startNs = this.records.floats[floatBase(goroutine) + Float.startNs]!;
    span.endNs = nowNs;
    this.fill(goroutine, kind);
    span.reason = this.records.words[wordBase(goroutine) + Word.reason]!;
    if (kind === SpanKind.preempted) span.reason = this.preemptedReason;
    this.sink.opened?.(span);
  }

  /** What a goroutine did last is how it went on, as far as is known. */
  lastHint(goroutine: number, startNs: number, endNs: number, hint: SpanKind): void {
    const { words } = this.records;
    const base = wordBase(goroutine);
    const isWaiting = hint === SpanKind.waiting;
    // What it last waited for, and where, tells a leak from a goroutine that is merely idle: keep it.
    const reason = isWaiting ? words[base + Word.partReason]! : 0;
    const stack = isWaiting ? words[base + Word.stack]! >>> 0 : NO_STACK;
    this.dark(goroutine, SpanKind.unknown, startNs, endNs, hint, reason, stack);
  }

  /** Time of which nothing is certain. */
  dark(
    goroutine: number,
    kind: SpanKind,
    startNs: number,
    endNs: number,
    hint: SpanKind,
    reason = 0,
    stack = NO_STACK,
  ): void {
    if (endNs <= startNs) return;
    const { span } = this;
    span.goroutine = goroutine;
    span.kind = kind;
    span.hint = hint;
    span.startNs = startNs;
    span.endNs = endNs;
    span.reason = reason;
    span.tid = span.cpu = span.waker = span.wakeSource = 0;
    span.p = NO_P;
    span.stack = stack;
    span.crossesGap = this.gaps.crosses(startNs, endNs);
    this.sink.span(span);
  }

  private send(goroutine: number, kind: SpanKind): void {
    const { span } = this;
    // Time in a state that nobody can name is unknown time, which has a length.
    if (kind === SpanKind.unknown && span.startNs === span.endNs) return;
    this.fill(goroutine, kind);
    span.reason = this.records.words[wordBase(goroutine) + Word.reason]!;
    if (kind === SpanKind.preempted) span.reason = this.preemptedReason;
    this.sink.span(span);
  }

  /** Everything but the times and the reason. */
  private fill(goroutine: number, kind: SpanKind): void {
    const { span } = this;
    span.goroutine = goroutine;
    span.kind = kind;
    span.hint = kind;
    span.crossesGap = span.startNs < this.gaps.latestNs && this.gaps.crosses(span.startNs, span.endNs);
    if (this.timesOnly) return;
    const { words, floats } = this.records;
    const base = wordBase(goroutine);
    const place = words[base + Word.place]!;
    span.tid = words[base + Word.tid]! >>> 0;
    span.cpu = place & 0xffff;
    span.p = place >>> 16;
    span.waker = floats[floatBase(goroutine) + Float.waker]!;
    span.wakeSource = words[base + Word.wakeSource]!;
    span.stack = words[base + Word.stack]! >>> 0;
  }
}

/** Fractions make the engine lay these fields out as float64 from the start; none survives the first fill. */
function newSpan(): Span {
  return {
    goroutine: 0,
    kind: SpanKind.unknown,
    reason: 0,
    startNs: 0.5,
    endNs: 0.5,
    tid: 0,
    cpu: 0,
    p: NO_P,
    waker: 0.5,
    wakeSource: 0,
    stack: 0,
    hint: SpanKind.unknown,
    crossesGap: false,
  };
}
