/** The analysis with sections: hands what replay tells to the totals, and to every section that wants to know it. */
import type { Span } from '../model/span.js';
import type { SpanSink } from '../model/span-sink.js';
import type { TraceSegment } from '../model/trace-segment.js';
import type { TraceWindow } from '../model/trace-window.js';
import type { Analyzer } from './analyzer.js';
import type { Collector } from './collector.js';

type With<Name extends keyof Collector> = Collector & Required<Pick<Collector, Name>>;

export class SectionAnalyzer implements SpanSink {
  readonly #totals: Analyzer;
  readonly #window: TraceWindow;
  readonly #segment: readonly With<'segment'>[];
  readonly #begin: readonly With<'begin'>[];
  readonly #opened: readonly With<'opened'>[];
  readonly #wholeSpan: readonly With<'wholeSpan'>[];
  readonly #span: readonly With<'span'>[];
  readonly #systemStack: readonly With<'systemStack'>[];
  readonly #end: readonly With<'end'>[];
  readonly #finish: readonly With<'finish'>[];
  readonly #part = { partNs: 0, ends: true };

  constructor(totals: Analyzer, window: TraceWindow, collectors: readonly Collector[]) {
    this.#totals = totals;
    this.#window = window;
    const those = <Name extends keyof Collector>(name: Name) =>
      collectors.filter((collector): collector is With<Name> => collector[name] !== undefined);
    this.#segment = those('segment');
    this.#begin = those('begin');
    this.#opened = those('opened');
    this.#wholeSpan = those('wholeSpan');
    this.#span = those('span');
    this.#systemStack = those('systemStack');
    this.#end = those('end');
    this.#finish = those('finish');
  }

  /** Before its rows are replayed. */
  segment(segment: TraceSegment): void {
    for (const collector of this.#segment) collector.segment(segment);
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    this.#totals.begin(goroutine, timeNs, created);
    const { fromNs, toNs } = this.#window;
    if (timeNs >= toNs) return;
    const inWindow = Math.max(timeNs, fromNs);
    for (const collector of this.#begin) collector.begin(goroutine, inWindow, created && timeNs >= fromNs);
  }

  opened(span: Span): void {
    if (span.endNs >= this.#window.toNs) return;
    for (const collector of this.#opened) collector.opened(span);
  }

  span(span: Span): void {
    this.#totals.span(span);
    for (const collector of this.#wholeSpan) collector.wholeSpan(span);
    if (!this.#fit(span)) return;
    for (const collector of this.#span) collector.span(span, this.#part);
  }

  systemStack(span: Span): void {
    this.#totals.systemStack(span);
    if (!this.#fit(span)) return;
    for (const collector of this.#systemStack) collector.systemStack(span, this.#part);
  }

  end(goroutine: number, timeNs: number): void {
    this.#totals.end(goroutine, timeNs);
    if (timeNs >= this.#window.toNs) return;
    for (const collector of this.#end) collector.end(goroutine, timeNs);
  }

  /** Before replay tells what the end of the trace cuts off. */
  finish(endNs: number): void {
    for (const collector of this.#finish) collector.finish(endNs);
  }

  /** Finds what of a span counts; false when that is nothing. The object is its producer's, who fills it anew each time. */
  #fit(span: Span): boolean {
    const { fromNs, toNs } = this.#window;
    const ends = span.endNs >= fromNs && span.endNs < toNs;
    if (span.endNs > toNs) span.endNs = toNs;
    const partNs = Math.max(0, span.endNs - Math.max(span.startNs, fromNs));
    this.#part.partNs = partNs;
    this.#part.ends = ends;
    return partNs > 0 || ends;
  }
}
