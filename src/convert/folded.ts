/**
 * Folded stacks, the input of flamegraph.pl, inferno and others: `FRAME;FRAME;… NS`, the outermost first. The first frame is
 * the state (`block time`), so that one graph shows all of the goroutines' time and `grep` takes one state out of it; the last one
 * of a wait is its reason in parentheses.
 */
import { printable } from '../base/text.js';
import { type Span, SpanKind } from '../model/span.js';
import type { TraceSegment } from '../model/trace-segment.js';
import type { ConversionReport, ConvertContext, ConvertFormat, OutputSink, SpanWriter } from './format.js';
import { MEASURES, type StackSum, StackSums } from './stack-sums.js';
import { TimeAudit } from './time-audit.js';

const FLUSH_CHARACTERS = 1 << 20;

export const foldedFormat: ConvertFormat = {
  name: 'folded',
  title: 'folded stacks: ns by state and stack',
  opens: 'flamegraph.pl --countname=ns, inferno-flamegraph, speedscope',
  extension: '.folded',
  async open(context) {
    return new FoldedWriter(context, await context.output.create());
  },
};

class FoldedWriter implements SpanWriter, ConversionReport {
  readonly #reasons: readonly string[];
  readonly #sink: OutputSink;
  readonly #sums: StackSums;
  readonly #audit = new TimeAudit();
  #lines = 0;

  constructor({ source, goroutines }: ConvertContext, sink: OutputSink) {
    this.#reasons = source.reasons;
    this.#sink = sink;
    this.#sums = new StackSums(goroutines);
  }

  segment(segment: TraceSegment): void {
    this.#sums.segment(segment);
  }

  begin(): void {}

  span(span: Span): void {
    this.#audit.read(span);
    if (MEASURES.some(({ kind }) => kind === span.kind)) this.#sums.add(span);
    else this.#audit.leftOut(span);
  }

  systemStack(): void {}

  end(): void {}

  async drain(): Promise<void> {}

  async finish(): Promise<ConversionReport> {
    let text = '';
    for (const sum of this.#sums.all()) {
      this.#audit.shown(sum.kind, sum.ns);
      if (sum.ns.value === 0n) continue;
      this.#lines++;
      text += `${this.#stack(sum)} ${sum.ns.value}\n`;
      if (text.length < FLUSH_CHARACTERS) continue;
      await this.#write(text);
      text = '';
    }
    await this.#write(text);
    this.#audit.check();
    await this.#sink.close();
    return this;
  }

  summary(): string {
    return [`${this.#lines} stacks`, this.#audit.leftOutText()].filter((part) => part !== '').join(', ');
  }

  #write(text: string): Promise<void> {
    return this.#sink.write(new TextEncoder().encode(text));
  }

  #stack({ kind, reason, place }: StackSum): string {
    const measure = MEASURES.find((known) => known.kind === kind);
    const names = this.#sums.framesOf(place).map((frame) => frame.function || '(unknown)');
    const why = kind === SpanKind.waiting ? [`(${this.#reasons[reason] || 'no reason'})`] : [];
    return [measure?.name ?? '', ...names.reverse(), ...why].map(frameName).join(';');
  }
}

/** `;` parts frames, and a line ends the stack. */
function frameName(name: string): string {
  return printable(name).replaceAll(';', ':');
}
