import { type Span, SpanKind } from '../model/span.js';
import type { SpanSink } from '../model/span-sink.js';
import { NO_P, NO_STACK } from '../model/transition-batch.js';
import type { GapList } from './gap-list.js';
import type { GoroutineColumns } from './goroutine-columns.js';

/** Fills the one span object and hands it on. */
export class SpanEmitter {
  /** Reason of preempted spans, index into the trace's reasons. */
  preemptedReason = 0;

  private readonly columns: GoroutineColumns;
  private readonly gaps: GapList;
  private readonly sink: SpanSink;
  private readonly span = newSpan();

  constructor(columns: GoroutineColumns, gaps: GapList, sink: SpanSink) {
    this.columns = columns;
    this.gaps = gaps;
    this.sink = sink;
  }

  /** The span at hand ends as `kind`. */
  known(goroutine: number, kind: SpanKind, endNs: number): void {
    const startNs = this.columns.startNs[goroutine]!;
    // Time in a state that nobody can name is unknown time, which has a length.
    if (kind === SpanKind.unknown && endNs === startNs) return;
    this.fill(goroutine, kind, startNs, endNs);
    this.span.reason = this.reasonOf(goroutine, kind);
    this.sink.span(this.span);
  }

  /** The part of the span at hand that its goroutine's last event still confirms, if it has a length. */
  confirmed(goroutine: number, kind: SpanKind): void {
    const partNs = this.columns.partNs[goroutine]!;
    if (partNs > this.columns.startNs[goroutine]!) this.known(goroutine, kind, partNs);
  }

  /** The last part of the running span at hand was on the system stack. */
  systemStack(goroutine: number, endNs: number): void {
    this.fill(goroutine, SpanKind.running, this.columns.partNs[goroutine]!, endNs);
    this.span.reason = this.columns.partReason[goroutine]!;
    this.sink.systemStack(this.span);
  }

  /** Time of which nothing is certain. */
  dark(goroutine: number, kind: SpanKind, startNs: number, endNs: number, hint: SpanKind): void {
    if (endNs <= startNs) return;
    const { span } = this;
    span.goroutine = goroutine;
    span.kind = kind;
    span.hint = hint;
    span.startNs = startNs;
    span.endNs = endNs;
    span.reason = span.tid = span.cpu = span.waker = span.wakeSource = 0;
    span.p = NO_P;
    span.stack = NO_STACK;
    span.crossesGap = this.gaps.crosses(startNs, endNs);
    this.sink.span(span);
  }

  private fill(goroutine: number, kind: SpanKind, startNs: number, endNs: number): void {
    const { span, columns } = this;
    span.goroutine = goroutine;
    span.kind = kind;
    span.hint = kind;
    span.startNs = startNs;
    span.endNs = endNs;
    span.tid = columns.tid[goroutine]!;
    span.cpu = columns.cpu[goroutine]!;
    span.p = kind === SpanKind.running ? columns.p[goroutine]! : NO_P;
    span.waker = columns.waker[goroutine]!;
    span.wakeSource = columns.wakeSource[goroutine]!;
    span.stack = columns.stack[goroutine]!;
    span.crossesGap = this.gaps.crosses(startNs, endNs);
  }

  private reasonOf(goroutine: number, kind: SpanKind): number {
    if (kind === SpanKind.waiting) return this.columns.reason[goroutine]!;
    return kind === SpanKind.preempted ? this.preemptedReason : 0;
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
    tid: 0.5,
    cpu: 0,
    p: NO_P,
    waker: 0.5,
    wakeSource: 0,
    stack: 0.5,
    hint: SpanKind.unknown,
    crossesGap: false,
  };
}
