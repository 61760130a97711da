/**
 * A file for https://www.speedscope.app (its file-format-schema.json): a sampled profile for each state, of all goroutines,
 * and an evented one for each goroutine, or for those that executed longest. Profiles of goroutines are kept in memory until the end,
 * because a file holds one after another; how many is bounded by `speedscope-plan.ts`.
 */
import { formatCount, printable } from '../base/text.js';
import { type Span, SpanKind } from '../model/span.js';
import type { TraceSegment } from '../model/trace-segment.js';
import type { ConversionReport, ConvertContext, ConvertFormat, OutputSink, SpanWriter } from './format.js';
import { GoroutineEvents } from './speedscope-events.js';
import { SpeedscopeFrames } from './speedscope-frames.js';
import { SpeedscopePlan } from './speedscope-plan.js';
import { MEASURES, type Measure, type ProfileFrame, type StackSum, StackSums } from './stack-sums.js';
import { TimeAudit } from './time-audit.js';

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';
const encoder = new TextEncoder();

export const speedscopeFormat: ConvertFormat = {
  name: 'speedscope',
  title: 'speedscope JSON: a profile for each state of all goroutines, and one for each goroutine',
  opens: 'https://www.speedscope.app',
  extension: '.speedscope.json.gz',
  async open(context) {
    const plan = new SpeedscopePlan();
    await context.replay(plan);
    return new SpeedscopeWriter(context, plan, await context.output.create());
  },
};

class SpeedscopeWriter implements SpanWriter, ConversionReport {
  readonly #context: ConvertContext;
  readonly #sink: OutputSink;
  readonly #sums: StackSums;
  readonly #audit = new TimeAudit();
  readonly #frames = new SpeedscopeFrames();
  readonly #chosen: ReadonlySet<number>;
  readonly #goroutines: number;
  readonly #events = new Map<number, GoroutineEvents>();
  /** By place, state and reason. */
  readonly #stacks = new Map<string, readonly number[]>();
  #profiles = 0;

  constructor(context: ConvertContext, plan: SpeedscopePlan, sink: OutputSink) {
    this.#context = context;
    this.#sink = sink;
    this.#sums = new StackSums(context.goroutines);
    this.#chosen = plan.chosen();
    this.#goroutines = plan.goroutines;
  }

  segment(segment: TraceSegment): void {
    this.#sums.segment(segment);
  }

  begin(): void {}

  span(span: Span): void {
    const { goroutine, kind, reason, startNs, endNs } = span;
    this.#audit.read(span);
    const measure = MEASURES.find((known) => known.kind === kind);
    if (measure === undefined) {
      this.#audit.leftOut(span);
      return;
    }
    const place = this.#sums.add(span);
    if (endNs === startNs || !this.#chosen.has(goroutine)) return;
    const events = this.#events.get(goroutine) ?? new GoroutineEvents(startNs);
    this.#events.set(goroutine, events);
    events.span(this.#stack(measure, place, reason), startNs, endNs);
  }

  systemStack(): void {}

  end(): void {}

  async drain(): Promise<void> {}

  async finish(): Promise<ConversionReport> {
    const { producer } = this.#context.source.facts;
    await this.#write(
      `{"$schema":"${SCHEMA}","exporter":${JSON.stringify(printable(producer))},"activeProfileIndex":0,"profiles":[`,
    );
    const sums = this.#sums.all();
    for (const sum of sums) this.#audit.shown(sum.kind, sum.ns);
    for (const measure of MEASURES) {
      const ofMeasure = sums.filter(({ kind, ns }) => kind === measure.kind && ns.value > 0n);
      if (ofMeasure.length > 0) await this.#sampled(measure, ofMeasure);
    }
    for (const [goroutine, events] of this.#events) await this.#evented(goroutine, events);
    await this.#write(`\n],"shared":{"frames":[`);
    let comma = '';
    for (const frame of this.#frames.all()) {
      await this.#write(`${comma}\n${JSON.stringify(frame)}`);
      comma = ',';
    }
    await this.#write('\n]}}\n');
    this.#audit.check();
    await this.#sink.close();
    return this;
  }

  summary(): string {
    const shown = this.#events.size;
    const most =
      shown < this.#goroutines ? ` of ${formatCount(this.#goroutines)}, those that executed longest and fit` : '';
    const parts = [`${formatCount(this.#profiles)} profiles`, `${formatCount(shown)} goroutines${most}`];
    return [...parts, this.#audit.leftOutText()].filter((part) => part !== '').join(', ');
  }

  /** Of all goroutines: a weight for each stack. */
  async #sampled(measure: Measure, sums: readonly StackSum[]): Promise<void> {
    const samples = sums.map(({ place, reason }) => this.#framesOf(measure, this.#sums.framesOf(place), reason));
    const weights = sums.map(({ ns }) => Number(ns.value));
    const endValue = weights.reduce((sum, ns) => sum + ns, 0);
    const head = {
      type: 'sampled',
      name: `all goroutines: ${measure.name}`,
      unit: 'nanoseconds',
      startValue: 0,
      endValue,
    };
    await this.#profile(JSON.stringify({ ...head, samples, weights }));
  }

  async #evented(goroutine: number, events: GoroutineEvents): Promise<void> {
    const { goroutines, source } = this.#context;
    const { startNs: startValue, endNs: endValue } = events;
    const parts = [`G${goroutines.goidOf(goroutine)}`, goroutines.infoOf(goroutine)?.startFunction ?? ''];
    if (source.facts.targets.length > 1) parts.push(`(${goroutines.pidOf(goroutine)})`);
    const name = printable(parts.filter((part) => part !== '').join(' '));
    const head = JSON.stringify({ type: 'evented', name, unit: 'nanoseconds', startValue, endValue });
    await this.#profile(`${head.slice(0, -1)},"events":[`);
    await this.#sink.write(events.finish());
    await this.#write(']}');
  }

  async #profile(text: string): Promise<void> {
    await this.#write(`${this.#profiles++ === 0 ? '' : ','}\n${text}`);
  }

  #stack(measure: Measure, place: number, reason: number): readonly number[] {
    const key = `${place} ${measure.kind} ${measure.kind === SpanKind.waiting ? reason : 0}`;
    const known = this.#stacks.get(key);
    if (known !== undefined) return known;
    const stack = this.#framesOf(measure, this.#sums.framesOf(this.#sums.place(place)), reason);
    this.#stacks.set(key, stack);
    return stack;
  }

  /** The outermost first, and last what the goroutine did there. */
  #framesOf({ kind, name }: Measure, frames: readonly ProfileFrame[], reason: number): readonly number[] {
    const what =
      kind === SpanKind.waiting ? this.#context.source.reasons[reason] || 'block' : name.replace(' time', '');
    const functions = frames.map((frame) => this.#frames.of({ ...frame, function: printable(frame.function) }));
    return [...functions.reverse(), this.#frames.of({ function: `(${printable(what)})`, file: '' })];
  }

  #write(text: string): Promise<void> {
    return this.#sink.write(encoder.encode(text));
  }
}
