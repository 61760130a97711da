/**
 * One of two traces that are compared: the spans of every start function by state and wait reason, in slices of time, so
 * that what varies within a recording can be held against what varies between two.
 */
import { type Span, SpanKind } from '../../model/span.js';
import type { GoroutineDirectory, SpanSink } from '../../model/span-sink.js';
import { DurationSlices } from './duration-slices.js';

/** States that are compared; the rest is no behaviour of the program. */
export const DIFF_STATES = ['execution', 'sched wait', 'block', 'syscall'] as const;
export type DiffState = (typeof DIFF_STATES)[number];

const STATE_BY_KIND: Partial<Record<SpanKind, DiffState>> = {
  [SpanKind.running]: 'execution',
  [SpanKind.runnable]: 'sched wait',
  [SpanKind.waiting]: 'block',
  [SpanKind.syscall]: 'syscall',
};

export interface GroupKey {
  readonly startFunction: string;
  readonly state: DiffState;
  /** Of block; else empty. */
  readonly reason: string;
}

export interface Group extends GroupKey {
  readonly durations: DurationSlices;
}

/** Goroutines of one start function that came and went, by slice. */
export interface Lives {
  readonly created: Float64Array;
  readonly exited: Float64Array;
}

export class DiffSampler implements SpanSink {
  readonly groups = new Map<string, Group>();
  readonly lives = new Map<string, Lives>();
  readonly durationNs: number;
  readonly slices: number;
  readonly #fromNs: number;
  readonly #goroutines: GoroutineDirectory;
  readonly #reasons: readonly string[];
  /** Groups of each goroutine's spans, by `kind | reason << 3`: a lookup without a string. */
  readonly #known: Map<number, Group>[] = [];

  /** @param fromNs @param durationNs what is compared of the trace */
  constructor(
    goroutines: GoroutineDirectory,
    reasons: readonly string[],
    { fromNs, durationNs, slices }: { fromNs: number; durationNs: number; slices: number },
  ) {
    this.#goroutines = goroutines;
    this.#reasons = reasons;
    this.#fromNs = fromNs;
    this.durationNs = durationNs;
    this.slices = slices;
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    if (created) add(this.#livesOf(goroutine).created, this.#sliceAt(timeNs));
  }

  end(goroutine: number, timeNs: number): void {
    add(this.#livesOf(goroutine).exited, this.#sliceAt(timeNs));
  }

  systemStack(): void {}

  span(span: Span): void {
    const state = STATE_BY_KIND[span.kind];
    if (state === undefined) return;
    const code = span.kind | ((state === 'block' ? span.reason : 0) << 3);
    this.#known[span.goroutine] ??= new Map();
    const known = this.#known[span.goroutine]!;
    let group = known.get(code);
    if (group === undefined) {
      group = this.#groupOf(span, state);
      known.set(code, group);
    }
    group.durations.record(this.#sliceAt(span.endNs), span.endNs - span.startNs);
  }

  #groupOf(span: Span, state: DiffState): Group {
    const startFunction = this.#nameOf(span.goroutine);
    const reason = state === 'block' ? (this.#reasons[span.reason] ?? '') : '';
    const key = keyOf({ startFunction, state, reason });
    const group = this.groups.get(key) ?? { startFunction, state, reason, durations: new DurationSlices(this.slices) };
    this.groups.set(key, group);
    return group;
  }

  #livesOf(goroutine: number): Lives {
    const name = this.#nameOf(goroutine);
    let lives = this.lives.get(name);
    if (lives === undefined) {
      lives = { created: new Float64Array(this.slices), exited: new Float64Array(this.slices) };
      this.lives.set(name, lives);
    }
    return lives;
  }

  #nameOf(goroutine: number): string {
    return this.#goroutines.infoOf(goroutine)?.startFunction ?? '';
  }

  #sliceAt(timeNs: number): number {
    const slice = Math.floor(((timeNs - this.#fromNs) / this.durationNs) * this.slices);
    return Math.min(this.slices - 1, Math.max(0, slice));
  }
}

function keyOf({ startFunction, state, reason }: GroupKey): string {
  return `${state}\0${reason}\0${startFunction}`;
}

function add(counts: Float64Array, slice: number): void {
  counts[slice] = counts[slice]! + 1;
}
