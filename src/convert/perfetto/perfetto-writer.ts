import { UserError } from '../../base/errors.js';
import { type Span, SpanKind } from '../../model/span.js';
import type { GoroutineDirectory } from '../../model/span-sink.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { SpanWriter } from '../format.js';
import type { PerfettoAudit } from './audit.js';
import type { Extras, Layout, Parts } from './layout.js';

export interface WriterOptions {
  readonly parts: Parts;
  readonly goroutines: GoroutineDirectory;
  readonly layout: Layout;
  readonly extras: Extras;
  /** False when no tracks of goroutines are asked for. */
  readonly showsGoroutines: boolean;
}

/** Spans as a Perfetto trace. Await {@link drain} after each segment, and {@link finish} at the end. */
export class PerfettoWriter implements SpanWriter {
  readonly audit: PerfettoAudit;
  readonly #parts: Parts;
  readonly #goroutines: GoroutineDirectory;
  readonly #layout: Layout;
  readonly #extras: Extras;
  readonly #showsGoroutines: boolean;
  /** By goroutine: 1 when its next span is the first of one that was not seen being created. */
  readonly #isFirst: number[] = [];
  #lastNs = 0;

  constructor({ parts, goroutines, layout, extras, showsGoroutines }: WriterOptions) {
    this.audit = parts.audit;
    this.#parts = parts;
    this.#goroutines = goroutines;
    this.#layout = layout;
    this.#extras = extras;
    this.#showsGoroutines = showsGoroutines;
  }

  get writtenBytes(): number {
    return this.#parts.packets.writtenBytes;
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    if (!this.#showsGoroutines) return;
    for (let next = this.#isFirst.length; next <= goroutine; next++) this.#isFirst.push(0);
    this.#isFirst[goroutine] = created ? 0 : 1;
    this.#parts.lives.begin(goroutine, timeNs);
    this.#layout.begin(goroutine);
  }

  span(span: Span): void {
    const { goroutine, kind, startNs, endNs } = span;
    if (!(startNs >= 0 && endNs >= startNs && endNs <= Number.MAX_SAFE_INTEGER)) refuseTime(span);
    if (endNs > this.#lastNs) this.#lastNs = endNs;
    if (!this.#showsGoroutines) {
      this.#parts.programs.of(this.#goroutines.pidOf(goroutine)).counts.add(kind, startNs, endNs);
      return;
    }
    const audit = this.audit.kinds[kind]!;
    audit.spans++;
    audit.spanNs.add(endNs - startNs);
    if (kind === SpanKind.running) this.audit.runs.spans++;
    this.#parts.lives.groupOf(goroutine).program.counts.add(kind, startNs, endNs);
    this.#layout.span(span, this.#isFirst[goroutine] === 1);
    this.#isFirst[goroutine] = 0;
  }

  systemStack(span: Span): void {
    if (!this.#showsGoroutines) return;
    this.audit.systemStack.spans++;
    this.audit.systemStack.spanNs.add(span.endNs - span.startNs);
    this.#layout.systemStack(span);
  }

  end(goroutine: number, timeNs: number): void {
    if (!this.#showsGoroutines) return;
    this.#layout.leave(goroutine, timeNs, true);
    this.#parts.lives.end(goroutine, timeNs);
  }

  segment(segment: TraceSegment): void {
    const { losses, osThreads } = this.#extras;
    for (const gap of segment.gaps) losses.add(gap);
    if (segment.osSchedule !== undefined) osThreads?.add(segment.osSchedule);
    if (!this.#showsGoroutines) return;
    if (segment.calls !== undefined) this.#extras.calls.add(segment.calls);
    this.#layout.segment(segment);
  }

  /** Waits until the output has taken what was written before the previous call. */
  drain(): Promise<void> {
    this.#extras.calls.flush();
    return this.#parts.packets.drain();
  }

  /** Writes what is known only at the end, and checks the audit. The trace ends at `recordedNs`, or with its last span. */
  async finish(recordedNs: number): Promise<PerfettoAudit> {
    const endNs = Math.max(recordedNs, this.#lastNs);
    const { lives, packets } = this.#parts;
    let written = 0;
    for (const goroutine of lives.living()) {
      this.#layout.leave(goroutine, endNs, false);
      lives.end(goroutine, endNs);
      if (++written % ENDS_PER_DRAIN === 0) await packets.drain();
    }
    this.#extras.calls.flush();
    this.#extras.calls.finish();
    await this.#layout.finish(endNs, this.#extras);
    this.audit.check(this.#layout.expected);
    await packets.finish();
    return this.audit;
  }
}

const ENDS_PER_DRAIN = 10_000;

function refuseTime({ startNs, endNs }: Span): never {
  throw new UserError(`span from ${startNs} to ${endNs} ns: not a time within a recording (damaged trace?)`);
}
