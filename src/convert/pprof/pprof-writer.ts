/**
 * Where goroutines waited, as one pprof profile of several sample types. A sample is a stack, with the values
 * that it has in all of them: a wait has block time, the wait for a P after it sched time.
 */
import { formatCount } from '../../base/text.js';
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../model/span.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import { NO_STACK } from '../../model/transition-batch.js';
import { becomingOf, becomingOfState } from '../becoming.js';
import type { ConversionReport, ConvertContext, SpanWriter } from '../format.js';
import { EVERYBODY, ownFrame, type Place, type ProfileFrame, StackSums } from '../stack-sums.js';
import { TimeAudit } from '../time-audit.js';
import type { Label, PprofProfile } from './pprof-profile.js';

/** With more samples, goroutines of equal stacks are added up. */
const MAX_SAMPLES = 200_000;

/** In order of `SAMPLE_TYPES`: where stays and time of a kind are counted; goroutines alive at the end come last. */
const COLUMN_BY_KIND: ReadonlyMap<SpanKind, number> = new Map([
  [SpanKind.waiting, 0],
  [SpanKind.runnable, 2],
  [SpanKind.syscall, 4],
]);
const SAMPLE_TYPES = [
  ['blocks', 'count'],
  ['block', 'nanoseconds'],
  ['scheds', 'count'],
  ['sched', 'nanoseconds'],
  ['syscalls', 'count'],
  ['syscall', 'nanoseconds'],
  ['goroutine', 'count'],
] as const;
/** In Go's words. */
const STATE_NAMES: ReadonlyMap<number, string> = new Map([
  [SpanKind.runnable, 'sched wait'],
  [SpanKind.running, 'execution'],
]);
const GOROUTINES = SAMPLE_TYPES.length - 1;

interface Standing {
  place: number;
  kind: number;
  reason: number;
}

/** What samples have in common. */
interface SampleOf {
  readonly owner: number;
  readonly kind: number;
  readonly reason: number;
  readonly place: Place;
}

export class PprofWriter implements SpanWriter, ConversionReport {
  readonly #context: ConvertContext;
  readonly #profile: PprofProfile;
  readonly #sums: StackSums;
  readonly #audit = new TimeAudit();
  /** By goroutine: where it stands, in which state and why; undefined when it does not live. */
  readonly #standing: (Standing | undefined)[] = [];
  #isMerged = false;
  #samples = 0;
  #goroutines = 0;

  constructor(context: ConvertContext, profile: PprofProfile) {
    this.#context = context;
    this.#profile = profile;
    this.#sums = new StackSums(context.goroutines);
  }

  begin(goroutine: number): void {
    this.#standing[goroutine] = { place: this.#sums.placeOf(atStart(goroutine)), kind: SpanKind.unknown, reason: 0 };
  }

  segment(segment: TraceSegment): void {
    this.#sums.segment(segment);
  }

  span(span: Span): void {
    this.#audit.read(span);
    if (COLUMN_BY_KIND.has(span.kind)) this.#sums.add(span, this.#ownerOf(span.goroutine));
    else this.#audit.leftOut(span);
    this.#stand(span);
  }

  systemStack(): void {}

  end(goroutine: number): void {
    this.#standing[goroutine] = undefined;
  }

  async drain(): Promise<void> {}

  async finish(endNs: number): Promise<ConversionReport> {
    const profile = this.#profile;
    this.#head(endNs);
    for (const sum of this.#sums.all()) {
      this.#audit.shown(sum.kind, sum.ns);
      const column = COLUMN_BY_KIND.get(sum.kind)!;
      await this.#sample(sum, [column, BigInt(sum.stays)], [column + 1, sum.ns.value]);
    }
    for (const [count, sum] of this.#goroutinesByPlace()) await this.#sample(sum, [GOROUTINES, count]);
    this.#audit.check();
    await profile.finish();
    return this;
  }

  summary(): string {
    const parts = [
      `${formatCount(this.#samples)} samples`,
      `${formatCount(this.#goroutines)} goroutines alive at the end`,
    ];
    if (this.#isMerged)
      parts.push(`without goroutine ids, because there are more than ${formatCount(MAX_SAMPLES)} samples`);
    return [...parts, this.#audit.leftOutText()].filter((part) => part !== '').join(', ');
  }

  #ownerOf(goroutine: number): number {
    if (!this.#isMerged && this.#sums.size >= MAX_SAMPLES) {
      this.#isMerged = true;
      this.#sums.mergeOwners();
    }
    return this.#isMerged ? EVERYBODY : goroutine;
  }

  #stand(span: Span): void {
    const { goroutine } = span;
    const standing = this.#standing[goroutine];
    if (standing === undefined) return;
    // Time after the last event: its span tells no stack.
    const state = span.kind === SpanKind.unknown ? this.#context.stateOf(goroutine) : undefined;
    const now = state === undefined ? becomingOf(span) : becomingOfState(state, this.#context.source.reasons);
    standing.kind = now.kind;
    standing.reason = now.reason;
    standing.place = this.#sums.placeOf({ goroutine, kind: now.kind as SpanKind, stack: now.stack });
  }

  #head(endNs: number): void {
    const { facts } = this.#context.source;
    const [target] = facts.targets;
    const fromNs = facts.window?.fromNs ?? 0;
    for (const [type, unit] of SAMPLE_TYPES) this.#profile.sampleType(type, unit);
    this.#profile.defaultSampleType('block');
    this.#profile.mapping(target?.executable.split('/').at(-1) ?? '', target?.buildId ?? '');
    this.#profile.time(BigInt(facts.start.realtimeNs) + BigInt(fromNs), endNs - fromNs);
    this.#profile.comment(`recorded by ${facts.producer}`);
    for (const sentence of facts.invisible) this.#profile.comment(sentence);
  }

  async #sample(of: SampleOf, ...values: readonly (readonly [column: number, value: bigint])[]): Promise<void> {
    const row = SAMPLE_TYPES.map(() => 0n);
    for (const [column, value] of values) row[column] = value;
    this.#samples++;
    await this.#profile.sample(this.#framesOf(of), row, this.#labelsOf(of));
  }

  #labelsOf({ owner, kind, reason }: SampleOf): Label[] {
    const labels: Label[] = [{ key: 'reason', value: this.#reasonOf(kind, reason) }];
    if (owner === EVERYBODY) return labels;
    const { goroutines, source } = this.#context;
    labels.push({ key: 'goid', value: goroutines.goidOf(owner) });
    const { targets } = source.facts;
    if (targets.length > 1 || targets[0]?.pid === 0) labels.push({ key: 'pid', value: goroutines.pidOf(owner) });
    return labels;
  }

  /** Where no stack was recorded, the reason stands on the start function. */
  #framesOf({ place, kind, reason }: SampleOf): readonly ProfileFrame[] {
    const frames = this.#sums.framesOf(place);
    return place.stack === NO_STACK ? [ownFrame(`(${this.#reasonOf(kind, reason)})`), ...frames] : frames;
  }

  #reasonOf(kind: number, reason: number): string {
    if (kind === SpanKind.waiting) return this.#context.source.reasons[reason] || 'waiting';
    return STATE_NAMES.get(kind) ?? SPAN_KIND_NAMES[kind] ?? 'unknown';
  }

  /** Goroutines that live at the end, added up where ids are left out. */
  #goroutinesByPlace(): Iterable<readonly [count: bigint, of: SampleOf]> {
    const counts = new Map<string, [bigint, SampleOf]>();
    for (const [goroutine, standing] of this.#standing.entries()) {
      if (standing === undefined) continue;
      this.#goroutines++;
      const { place, kind, reason } = standing;
      const owner = this.#ownerOf(goroutine);
      const key = [owner, place, kind, kind === SpanKind.waiting ? reason : 0].join();
      const counted = counts.get(key);
      if (counted !== undefined) counted[0]++;
      else counts.set(key, [1n, { owner, kind, reason, place: this.#sums.place(place) }]);
    }
    return counts.values();
  }
}

function atStart(goroutine: number) {
  return { goroutine, kind: SpanKind.running, stack: NO_STACK };
}
