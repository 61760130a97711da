/**
 * Spans as execution traces of Go, one for each process. A span is handed over when it ends, but a trace tells changes:
 *
 * 1. The end of a span is a change; what the goroutine becomes is known when the next span ends.
 * 2. At the end of a generation replay is asked for the states that have not ended (`stateOf`).
 * 3. What would be told too late even so is known from the plan.
 * 4. Changes are put in order of time and written.
 *
 * Memory: the changes of a generation, and what is known of each goroutine.
 */
import type { GoroutineState } from '../../model/goroutine-state.js';
import { type Span, SpanKind } from '../../model/span.js';
import type { GoroutineDirectory } from '../../model/span-sink.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import type { TraceWindow } from '../../model/trace-window.js';
import { type Becoming, becomingOf, becomingOfState, EXIT, shownKind } from '../becoming.js';
import type { ConversionReport, SpanWriter } from '../format.js';
import { checkTimes } from '../time-audit.js';
import { statusOf } from './go-status.js';
import type { GotraceAudit } from './gotrace-audit.js';
import type { Arrival, GotracePlan, LateChange } from './gotrace-plan.js';
import { type Change, Life } from './life.js';
import type { ProcessTrace } from './process-trace.js';

const GENERATION_NS = 1e9;
const GENERATION_CHANGES = 100_000;

export interface GotraceOptions {
  readonly plan: GotracePlan;
  readonly goroutines: GoroutineDirectory;
  readonly stateOf: (goroutine: number) => GoroutineState | undefined;
  readonly reasons: readonly string[];
  readonly window: TraceWindow | undefined;
  readonly traces: ReadonlyMap<number, ProcessTrace>;
  readonly audit: GotraceAudit;
}

export class GotraceWriter implements SpanWriter {
  readonly #options: GotraceOptions;
  readonly #late: readonly LateChange[];
  readonly #lives: (Life | undefined)[] = [];
  /** Of the plan: they live already. */
  readonly #arrived = new Set<Arrival>();
  #changes: Change[] = [];
  #nextArrival = 0;
  #nextLate = 0;
  #nowNs: number;
  #writtenNs: number;
  #lastNs = 0;

  constructor(options: GotraceOptions) {
    this.#options = options;
    this.#late = options.plan.lateChanges();
    this.#nowNs = this.#writtenNs = options.window?.fromNs ?? 0;
    this.#beginTraces(this.#nowNs);
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    if (created) {
      const life = this.#newLife(goroutine, true, false);
      this.#expect(life, timeNs);
      return;
    }
    const arrival = this.#options.plan.arrivals[this.#nextArrival++];
    if (arrival?.goroutine !== goroutine) throw new Error('conversion: the two passes differ (a defect of gotape)');
    this.#arrive(arrival);
  }

  span(span: Span): void {
    const life = this.#lives[span.goroutine];
    if (life === undefined) return;
    const { startNs, endNs } = span;
    checkTimes(span);
    const kind = shownKind(span);
    // After its last event a goroutine's time is unknown: it stays what it was, also if that is told as a span's end.
    const isLast = span.kind === SpanKind.unknown && span.hint !== SpanKind.unknown && (life.created || life.hadSpan);
    life.hadSpan = true;
    if (endNs > this.#lastNs) this.#lastNs = endNs;
    if (life.trace === undefined) return;
    this.#options.audit.read(statusOf(kind), endNs - startNs);
    if (isLast && kind === life.toldKind) life.pending = undefined;
    else if (life.pending !== undefined) this.#resolve(life, isLast ? this.#stateOf(span) : becomingOf(span));
    else if (endNs <= life.toldNs) return;
    else if (kind !== life.toldKind) {
      // Written as something else: a wait that was no stretch on the system stack after all.
      this.#expect(life, startNs);
      this.#resolve(life, becomingOf(span));
    }
    if (!isLast) this.#expect(life, endNs);
  }

  systemStack(): void {}

  end(goroutine: number, timeNs: number): void {
    const life = this.#lives[goroutine];
    if (life === undefined) return;
    this.#lives[goroutine] = undefined;
    if (life.trace === undefined) return;
    if (life.pending === undefined) this.#expect(life, timeNs);
    this.#resolve(life, EXIT);
  }

  segment({ transitions: { length, timeNs } }: TraceSegment): void {
    for (let row = 0; row < length; row++) if (timeNs[row]! > this.#nowNs) this.#nowNs = timeNs[row]!;
  }

  async drain(): Promise<void> {
    // The plan knows what comes late for the time before the last row.
    const untilNs = this.#nowNs - 1;
    if (untilNs - this.#writtenNs >= GENERATION_NS || this.#changes.length >= GENERATION_CHANGES) {
      this.#resolveOpen(untilNs);
      this.#tellLate(untilNs);
      if (this.#write(untilNs) > 0) for (const trace of this.#options.traces.values()) trace.endGeneration(untilNs);
    }
    for (const trace of this.#options.traces.values()) await trace.drain();
  }

  async finish(recordedNs: number): Promise<ConversionReport> {
    const { audit, traces, window } = this.#options;
    const endNs = Math.max(recordedNs, this.#lastNs);
    // Of a window the next change is behind its end.
    if (window === undefined) this.#resolveOpen(endNs);
    this.#write(Number.POSITIVE_INFINITY);
    for (const life of this.#lives) if (life?.trace) audit.wrote(life.status, endNs - life.sinceNs);
    audit.check();
    for (const trace of traces.values()) {
      await trace.finish(endNs);
      audit.spareLanes += trace.spareLanes;
    }
    return audit;
  }

  #beginTraces(fromNs: number): void {
    for (const arrival of this.#options.plan.arrivals) {
      if (arrival.timeNs > fromNs || !arrival.isFirst) continue;
      this.#arrived.add(arrival);
      const life = this.#newLife(arrival.goroutine, false, arrival.isBlank);
      if (life.trace === undefined) continue;
      const becomes = arrival.becomes ?? EXIT;
      life.toldNs = fromNs;
      life.toldKind = becomes.kind;
      life.trace.begin(life, becomes);
    }
    for (const trace of this.#options.traces.values()) trace.start();
  }

  /** Once for each arrival, whoever comes first to it: the plan or replay. */
  #arrive(arrival: Arrival): void {
    if (this.#arrived.has(arrival)) return;
    this.#arrived.add(arrival);
    const life = this.#newLife(arrival.goroutine, false, arrival.isBlank);
    if (life.trace === undefined || arrival.becomes === undefined) return;
    this.#expect(life, arrival.timeNs);
    this.#resolve(life, arrival.becomes);
  }

  #newLife(goroutine: number, created: boolean, isBlank: boolean): Life {
    const { goroutines, traces, audit } = this.#options;
    const info = goroutines.infoOf(goroutine);
    const trace = isBlank ? undefined : traces.get(goroutines.pidOf(goroutine));
    const life = new Life({
      goroutine,
      goid: goroutines.goidOf(goroutine),
      startFunction: info?.startFunction ?? '',
      createdBy: info?.createdBy ?? '',
      trace,
      created,
    });
    this.#lives[goroutine] = life;
    if (trace === undefined) audit.leftOut++;
    else audit.goroutines++;
    return life;
  }

  /** A span has ended. */
  #expect(life: Life, timeNs: number): void {
    const atNs = Math.max(timeNs, this.#writtenNs);
    const change: Change = { life, timeNs: atNs, lateNs: atNs - timeNs, becomes: undefined };
    life.pending = change;
    this.#changes.push(change);
  }

  #resolve(life: Life, becomes: Becoming): void {
    const change = life.pending;
    if (change === undefined) return;
    change.becomes = becomes;
    if (becomes.kind !== life.toldKind) this.#options.audit.lateNs += change.lateNs;
    life.pending = undefined;
    life.toldNs = change.timeNs;
    life.toldKind = becomes.kind;
  }

  #stateOf(span: Span): Becoming {
    const state = this.#options.stateOf(span.goroutine);
    return state === undefined ? becomingOf(span) : becomingOfState(state, this.#options.reasons);
  }

  /** What goroutines are whose span has not ended. */
  #resolveOpen(untilNs: number): void {
    const { stateOf, reasons } = this.#options;
    for (const change of this.#changes) {
      const { life, timeNs } = change;
      if (life.pending !== change || timeNs > untilNs) continue;
      const state = stateOf(life.goroutine);
      if (state !== undefined) this.#resolve(life, becomingOfState(state, reasons));
    }
  }

  /** What replay will tell later about the time until then. */
  #tellLate(untilNs: number): void {
    for (; this.#nextLate < this.#late.length; this.#nextLate++) {
      const late = this.#late[this.#nextLate]!;
      if (late.timeNs > untilNs) return;
      if (late.arrival === undefined) this.#tellLateChange(late);
      else this.#arrive(late.arrival);
    }
  }

  #tellLateChange({ goroutine, timeNs, becomes }: LateChange): void {
    const life = this.#lives[goroutine];
    if (life?.trace === undefined || life.pending !== undefined || becomes === undefined) return;
    // Replay may have told it by now.
    if (timeNs < life.toldNs || (timeNs === life.toldNs && becomes.kind === life.toldKind)) return;
    this.#expect(life, timeNs);
    this.#resolve(life, becomes);
  }

  /** Number of changes up to then. */
  #write(untilNs: number): number {
    const due = this.#changes.filter(({ becomes, timeNs }) => becomes !== undefined && timeNs <= untilNs);
    this.#changes = this.#changes.filter(({ becomes, timeNs }) => becomes === undefined || timeNs > untilNs);
    due.sort((a, b) => a.timeNs - b.timeNs);
    for (const change of due) change.life.trace?.apply(change);
    this.#writtenNs = untilNs;
    return due.length;
  }
}
