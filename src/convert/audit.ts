/** What came in and what went out, counted apart from each other, so that nothing is lost in between unnoticed. */
import { formatCount } from '../base/text.js';
import { SPAN_KIND_NAMES, type SpanKind } from '../model/span.js';
import type { CallsAudit } from './chrome-calls.js';
import { ExactSum } from './exact-sum.js';

/** Of one kind of span: `spans = slices + zeroLength + notChosen`, and the time of both sides is equal. */
export interface KindAudit {
  readonly kind: string;
  spans: number;
  slices: number;
  /** Spans that lasted 0 ns: viewers draw them wrongly, so they are left out. */
  zeroLength: number;
  /** The user did not choose tracks of goroutines. */
  notChosen: number;
  readonly sliceNs: ExactSum;
}

export class ConvertAudit {
  /** Goroutine tracks, by `SpanKind`. Each span is there once. */
  readonly states: readonly KindAudit[] = SPAN_KIND_NAMES.map(newKind);
  /** Runtime code on the system stack, drawn inside of running slices. */
  readonly systemStack: KindAudit = newKind('system stack');
  /** P tracks: `running spans with a P = slices + zeroLength + overlapping`. */
  readonly ps = { spans: 0, slices: 0, zeroLength: 0, overlapping: 0, shortened: 0 };
  /** Recorded calls: `calls = slices + zeroLength + ofUnknown + overlapping`, see {@link CallsAudit}. */
  readonly calls: CallsAudit = { calls: 0, slices: 0, zeroLength: 0, ofUnknown: 0, overlapping: 0 };
  /** Slices around goroutines that share lanes: `lives = slices + zeroLength + notChosen`. */
  readonly lives = { lives: 0, slices: 0, zeroLength: 0, notChosen: 0 };
  /** Arrows: `wakeUps = arrows + unplaced`, see `ChromeFlows`. */
  readonly flows = { wakeUps: 0, arrows: 0, unplaced: 0 };
  /** Times that a state's slice was cut, where a call or another file begins: it is then two slices. */
  cuts = 0;
  /** Files, and tracks of goroutines. */
  files = 1;
  tracks = 0;
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
    for (const { kind, spans, slices, zeroLength, notChosen } of [...this.states, this.systemStack]) {
      expectEqual(`${kind} spans`, spans, slices + zeroLength + notChosen);
    }
    const { ps, calls, lives, flows } = this;
    expectEqual('running spans on Ps', ps.spans, ps.slices + ps.zeroLength + ps.overlapping);
    expectEqual('calls', calls.calls, calls.slices + calls.zeroLength + calls.ofUnknown + calls.overlapping);
    expectEqual('goroutines in lanes', lives.lives, lives.slices + lives.zeroLength + lives.notChosen);
    expectEqual('wake-ups', flows.wakeUps, flows.arrows + flows.unplaced);
    expectEqual('ns of goroutine lives', this.lifeNs.value, this.spanNs.value);
    if (this.states.some(({ notChosen }) => notChosen > 0)) return;
    expectEqual(
      'ns of spans',
      this.spanNs.value,
      this.states.reduce((sum, kind) => sum + kind.sliceNs.value, 0n),
    );
  }

  /** One line for people. */
  summary(): string {
    const { ps, systemStack, calls, flows, lives } = this;
    const parts = [
      `${formatCount(this.slices)} slices on ${formatCount(this.goroutines)} goroutines`,
      `${formatCount(ps.slices)} on Ps`,
      `${formatCount(this.zeroLength)} spans of 0 ns left out`,
    ];
    const say = (count: number, what: string) => void (count > 0 && parts.push(`${formatCount(count)} ${what}`));
    say(systemStack.slices, 'system-stack slices within');
    say(ps.overlapping, 'left out on Ps as overlapping');
    say(lives.slices, 'goroutines in shared lanes');
    say(flows.arrows, 'arrows from wakers');
    say(flows.unplaced, 'wake-ups without an arrow, as the waker is not seen then');
    say(calls.slices, 'calls');
    say(calls.calls - calls.slices, 'calls left out: of 0 ns, or of goroutines that are not seen then');
    say(this.cuts, 'slices cut in two by a call or the next file');
    return parts.join(', ');
  }
}

function newKind(kind: string): KindAudit {
  return { kind, spans: 0, slices: 0, zeroLength: 0, notChosen: 0, sliceNs: new ExactSum() };
}

function expectEqual(what: string, handedIn: number | bigint, accountedFor: number | bigint): void {
  if (handedIn === accountedFor) return;
  throw new Error(
    `conversion audit: ${what}: ${handedIn} came in, ${accountedFor} are accounted for (a defect of gotape)`,
  );
}
