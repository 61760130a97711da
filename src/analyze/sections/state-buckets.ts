import { type Span, SpanKind } from '../../model/span.js';
import type { TraceWindow } from '../../model/trace-window.js';
import type { StatesOverTime } from '../sections.js';

const BUCKETS = 256;
const FIRST_BUCKET_NS = 1000;
const KINDS = 7;

/**
 * Goroutine time by state over time, in 256 buckets at most: they become twice as wide whenever the trace outgrows them.
 * A span costs the same however many buckets it covers: those that it fills are added up from its two ends.
 */
export class StateBuckets {
  readonly #window: TraceWindow;
  #bucketNs = FIRST_BUCKET_NS;
  /** By `bucket * KINDS + kind`: time of spans that fill a part of it. */
  readonly #parts = new Float64Array(BUCKETS * KINDS);
  /** How many more spans fill all of this bucket than of the one before. */
  readonly #steps = new Float64Array((BUCKETS + 1) * KINDS);

  constructor(window: TraceWindow) {
    this.#window = window;
  }

  add({ kind, startNs, endNs }: Span): void {
    const { fromNs, toNs } = this.#window;
    const start = Math.max(startNs, fromNs) - fromNs;
    const end = Math.min(endNs, toNs) - fromNs;
    if (end <= start) return;
    while (end > this.#bucketNs * BUCKETS) this.#widen();
    const width = this.#bucketNs;
    const first = Math.floor(start / width);
    const last = Math.min(BUCKETS - 1, Math.floor(end / width));
    if (first === last) {
      this.#addPart(first, kind, end - start);
      return;
    }
    this.#addPart(first, kind, (first + 1) * width - start);
    this.#addPart(last, kind, end - last * width);
    this.#addStep(first + 1, kind, 1);
    this.#addStep(last, kind, -1);
  }

  result(durationNs: number): StatesOverTime {
    this.#flatten();
    const used = Math.min(BUCKETS, Math.ceil(durationNs / this.#bucketNs));
    const at = (bucket: number, kind: SpanKind) => this.#parts[bucket * KINDS + kind]!;
    const buckets = Array.from({ length: used }, (_, bucket) => ({
      startNs: this.#window.fromNs + bucket * this.#bucketNs,
      runningNs: at(bucket, SpanKind.running),
      runnableNs: at(bucket, SpanKind.runnable),
      waitingNs: at(bucket, SpanKind.waiting),
      syscallNs: at(bucket, SpanKind.syscall),
      preemptedNs: at(bucket, SpanKind.preempted),
      unseenNs: at(bucket, SpanKind.unseen),
      unknownNs: at(bucket, SpanKind.unknown),
    }));
    return { bucketNs: this.#bucketNs, buckets };
  }

  #addPart(bucket: number, kind: SpanKind, ns: number): void {
    const at = bucket * KINDS + kind;
    this.#parts[at] = this.#parts[at]! + ns;
  }

  #addStep(bucket: number, kind: SpanKind, by: number): void {
    const at = bucket * KINDS + kind;
    this.#steps[at] = this.#steps[at]! + by;
  }

  /** Counts of full buckets become time in them. */
  #flatten(): void {
    for (let kind = 0; kind < KINDS; kind++) {
      let full = 0;
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        full += this.#steps[bucket * KINDS + kind]!;
        this.#parts[bucket * KINDS + kind] = this.#parts[bucket * KINDS + kind]! + full * this.#bucketNs;
      }
    }
    this.#steps.fill(0);
  }

  #widen(): void {
    this.#flatten();
    this.#bucketNs *= 2;
    const parts = this.#parts;
    for (let at = 0; at < (BUCKETS / 2) * KINDS; at++) {
      const from = 2 * Math.floor(at / KINDS) * KINDS + (at % KINDS);
      parts[at] = parts[from]! + parts[from + KINDS]!;
    }
    parts.fill(0, (BUCKETS / 2) * KINDS);
  }
}
