/** What came in and what went out, counted apart from each other, so that nothing is lost in between unnoticed. */
import { formatCount } from '../base/text.js';
import { SPAN_KIND_NAMES, type SpanKind } from '../model/span.js';
import { ExactSum } from './exact-sum.js';

/** Of one kind of span: `spans = slices + zeroLength`, and the time of both sides is equal. */
export interface KindAudit {
  readonly kind: string;
  spans: number;
  slices: number;
  /** Spans that lasted 0 ns: viewers draw them wrongly, so they are left out. */
  zeroLength: number;
  readonly sliceNs: ExactSum;
}

export class ConvertAudit {
  /** Goroutine tracks, by `SpanKind`. Each span is there once. */
  readonly states: readonly KindAudit[] = SPAN_KIND_NAMES.map(newKind);
  /** Runtime code on the system stack, drawn inside of running slices. */
  readonly systemStack: KindAudit = newKind('system stack');
  /** P tracks: `running spans with a P = slices + zeroLength + overlapping`. */
  readonly ps = { spans: 0, slices: 0, zeroLength: 0, overlapping: 0, shortened: 0 };
  /** Lives of goroutines, from `begin` to `end` or the end of the trace. */
  readonly lifeNs = new ExactSum();
  readonly spanNs = new ExactSum();
  goroutines = 0;
  gaps = 0;
  counterPoints = 0;

  get slices(): number {
    return this.states.reduce((sum, kind) => sum + kind.slices, 0);
  }

  get zeroLength(): number {
    return this.states.reduce((sum, kind) => sum + kind.zeroLength, 0);
  }

  get spans(): number {
    return this.states.reduce((sum, kind) => sum + kind.spans, 0);
  }

  of(kind: SpanKind): KindAudit {
    return this.states[kind]!;
  }

  /** @throws Error when something came in that neither went out nor was left out for a reason. */
  check(): void {
    for (const { kind, spans, slices, zeroLength } of [...this.states, this.systemStack]) {
      expectEqual(`${kind} spans`, spans, slices + zeroLength);
    }
    const { spans, slices, zeroLength, overlapping } = this.ps;
    expectEqual('running spans on Ps', spans, slices + zeroLength + overlapping);
    const sliceNs = this.states.reduce((sum, kind) => sum + kind.sliceNs.value, 0n);
    expectEqual('ns of spans', this.spanNs.value, sliceNs);
    expectEqual('ns of goroutine lives', this.lifeNs.value, sliceNs);
  }

  /** One line for people. */
  summary(): string {
    const { slices, overlapping } = this.ps;
    const parts = [
      `${formatCount(this.slices)} slices on ${formatCount(this.goroutines)} goroutines`,
      `${formatCount(slices)} on Ps`,
      `${formatCount(this.zeroLength)} spans of 0 ns left out`,
    ];
    if (this.systemStack.slices > 0) parts.push(`${formatCount(this.systemStack.slices)} system-stack slices within`);
    if (overlapping > 0) parts.push(`${formatCount(overlapping)} left out on Ps as overlapping`);
    return parts.join(', ');
  }
}

function newKind(kind: string): KindAudit {
  return { kind, spans: 0, slices: 0, zeroLength: 0, sliceNs: new ExactSum() };
}

function expectEqual(what: string, handedIn: number | bigint, accountedFor: number | bigint): void {
  if (handedIn === accountedFor) return;
  throw new Error(
    `conversion audit: ${what}: ${handedIn} came in, ${accountedFor} are accounted for (a defect of gotape)`,
  );
}
