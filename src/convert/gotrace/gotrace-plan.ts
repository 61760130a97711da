/**
 * What must be known before a Go trace is written. A generation that is written cannot be changed, but replay tells some
 * things late: who lived when the trace began (at a goroutine's first event), and since when its state is not certain (at
 * the event that does not fit). A first pass collects them.
 */
import { type Span, SpanKind } from '../../model/span.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import { isExecutingReason } from '../../model/wait-reason.js';
import { type Becoming, becomingOf } from '../becoming.js';
import type { PlanSink } from '../format.js';
import { StackTable } from '../stack-table.js';

/** A goroutine whose creation was not seen. */
export interface Arrival {
  readonly goroutine: number;
  readonly timeNs: number;
  /** It did not live before: in Go's format it may be there when the trace begins. */
  readonly isFirst: boolean;
  /** Undefined while no span was seen. */
  becomes: Becoming | undefined;
  /** Nothing but the fact that it lived is known of it. */
  isBlank: boolean;
}

/** A change that replay tells in a later segment than that in which it happened. */
export interface LateChange {
  readonly goroutine: number;
  readonly timeNs: number;
  /** Undefined for an arrival. */
  readonly becomes: Becoming | undefined;
  readonly arrival: Arrival | undefined;
}

export class GotracePlan implements PlanSink {
  /** In the order in which replay tells them. */
  readonly arrivals: Arrival[] = [];
  readonly stacks = new StackTable();
  /** A thread of each process that has goroutines. */
  readonly tidByPid = new Map<number, number>();
  readonly #reasons: readonly string[];
  readonly #late: LateChange[] = [];
  /** By goroutine: its arrival until the thread is known; the number of the segment that told its last span. */
  readonly #open: (Arrival | undefined)[] = [];
  readonly #toldIn: number[] = [];
  readonly #lastKind: SpanKind[] = [];
  #segments = 0;
  #nowNs = 0;
  /** Time up to which the segments before this one reached. */
  #beforeNs = 0;

  /** @param reasons of the trace; may grow */
  constructor(reasons: readonly string[]) {
    this.#reasons = reasons;
  }

  segment(segment: TraceSegment): void {
    const { timeNs, length, pid, tid } = segment.transitions;
    this.stacks.add(segment);
    this.#segments++;
    this.#beforeNs = this.#nowNs;
    for (let row = 0; row < length; row++) {
      if (timeNs[row]! > this.#nowNs) this.#nowNs = timeNs[row]!;
      if (!this.tidByPid.get(pid[row]!)) this.tidByPid.set(pid[row]!, tid[row]!);
    }
    for (const { pid } of segment.goroutines) if (!this.tidByPid.has(pid)) this.tidByPid.set(pid, 0);
  }

  /** Late changes in order of time. */
  lateChanges(): readonly LateChange[] {
    const arrivals = this.arrivals.map((arrival) => ({ ...arrival, becomes: undefined, arrival }));
    return [...arrivals, ...this.#late].sort((a, b) => a.timeNs - b.timeNs);
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    const isFirst = this.#toldIn[goroutine] === undefined;
    this.#toldIn[goroutine] = this.#segments;
    this.#open[goroutine] = undefined;
    if (created) return;
    const arrival: Arrival = { goroutine, timeNs, isFirst, becomes: undefined, isBlank: true };
    this.arrivals.push(arrival);
    this.#open[goroutine] = arrival;
  }

  span(span: Span): void {
    const { goroutine, kind, startNs, endNs } = span;
    const arrival = this.#open[goroutine];
    const toldBefore = this.#toldIn[goroutine]!;
    const kindBefore = this.#lastKind[goroutine];
    this.#toldIn[goroutine] = this.#segments;
    this.#lastKind[goroutine] = kind;
    if (arrival !== undefined) this.#arrive(arrival, span);
    else if (kind === SpanKind.unknown || startNs >= this.#beforeNs || startNs === endNs) return;
    else if (kind === SpanKind.unseen || toldBefore === this.#segments || this.#isRenamed(span, kindBefore)) {
      this.#late.push({ goroutine, timeNs: startNs, becomes: becomingOf(span), arrival: undefined });
    }
  }

  systemStack(): void {}

  end(goroutine: number): void {
    const arrival = this.#open[goroutine];
    if (arrival?.becomes !== undefined) arrival.isBlank = false;
    this.#open[goroutine] = undefined;
  }

  /**
   * It counted as executing until its end showed what it was: a wait that was no stretch on the system stack after all, or
   * the wait for a P after a system call.
   */
  #isRenamed({ kind, reason }: Span, kindBefore: SpanKind | undefined): boolean {
    if (kind === SpanKind.runnable) return kindBefore === SpanKind.syscall;
    return kind === SpanKind.waiting && isExecutingReason(this.#reasons[reason] ?? '');
  }

  /** Unknown time names no thread: the event after it does. */
  #arrive(arrival: Arrival, span: Span): void {
    if (arrival.becomes === undefined) {
      arrival.becomes = becomingOf(span);
      arrival.isBlank = span.kind === SpanKind.unknown && span.hint === SpanKind.unknown;
      if (span.kind === SpanKind.unknown) return;
    } else {
      arrival.isBlank = false;
      arrival.becomes = { ...arrival.becomes, tid: span.tid };
    }
    this.#open[arrival.goroutine] = undefined;
  }
}
