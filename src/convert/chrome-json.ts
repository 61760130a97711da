/**
 * Spans as Chrome trace-event JSON, for ui.perfetto.dev and chrome://tracing. Memory depends on the number of
 * goroutines, not on the length of the trace. What is shown:
 *
 * - a track per goroutine: its states, called by their wait reason; runtime code on the system stack within them;
 * - a track per P: which goroutine ran there, called by its start function;
 * - counters: goroutines by state, exact at up to 16,384 points (`state-counts.ts`);
 * - created and exited goroutines as instants, losses as slices.
 *
 * Not for speedscope: it adds `ts` and `dur` as floats, so that some slices seem to end after the next one began, and
 * stacks them. The sum is exact for viewers that read decimals as integers of nanoseconds, as Perfetto does.
 */
import { UserError } from '../base/errors.js';
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { Gap, TraceFacts } from '../model/trace-facts.js';
import type { TraceSegment } from '../model/trace-segment.js';
import { NO_P } from '../model/transition-batch.js';
import { WakeSource, wakeSourceName } from '../model/wake-source.js';
import { ConvertAudit } from './audit.js';
import { ChromeEvents, goroutineKey, numberKey, textKey } from './chrome-events.js';
import { writeGap, writeStateCounts } from './chrome-extras.js';
import type { ChromePlan } from './chrome-plan.js';
import { ChromeTracks, type GoroutineTrack, lifecycleTid } from './chrome-tracks.js';
import type { OutputSink, SpanWriter } from './format.js';
import { jsonLiteral, jsonText } from './json-bytes.js';
import { LostLanes } from './lost-lanes.js';
import { Category, SliceHeads, sliceHead } from './slice-heads.js';
import { FIRST_P_TID } from './track-ids.js';

const instantHead = (name: string) =>
  jsonLiteral(`{"ph":"i","s":"t","cat":"${Category.lifecycle}","name":"${name}","ts":`);
const CREATED = instantHead('created');
const EXITED = instantHead('exited');
const BY = goroutineKey('by');
const AT = textKey('at');
const P = numberKey('P');
const CPU = numberKey('cpu');
const OS_THREAD = numberKey('tid');
const GOID = numberKey('goid');
const GOROUTINE = goroutineKey('goroutine');
const CREATED_BY = goroutineKey('created by');
const WOKEN_BY = goroutineKey('woken by');
const WOKEN_BY_RUNTIME = textKey('woken by');
const EVENTS_LOST = textKey('events lost');
const YES = jsonLiteral('yes');
const wakeSourceTexts = Object.values(WakeSource).map((source) => jsonText(wakeSourceName(source)));

/** What the next span of a goroutine is. */
const Next = { another: 0, firstOfCreated: 1, firstOfFound: 2 } as const;

export interface ChromeOptions {
  readonly facts: TraceFacts;
  /** Wait reasons of the trace; may grow. */
  readonly reasons: readonly string[];
  readonly goroutines: GoroutineDirectory;
  readonly plan: ChromePlan;
  readonly sink: OutputSink;
}

/** A sink for spans. Await {@link drain} after each segment, and {@link finish} at the end. */
export class ChromeJson implements SpanWriter {
  readonly audit = new ConvertAudit();
  readonly #sink: OutputSink;
  readonly #events: ChromeEvents;
  readonly #tracks: ChromeTracks;
  readonly #heads: SliceHeads;
  readonly #goroutines: GoroutineDirectory;
  readonly #lost = new LostLanes();
  readonly #next: number[] = [];
  /** Begin of each goroutine that is alive, else -1. */
  readonly #bornNs: number[] = [];
  #lastNs = 0;

  constructor({ facts, reasons, goroutines, plan, sink }: ChromeOptions) {
    this.#goroutines = goroutines;
    this.#sink = sink;
    this.#events = new ChromeEvents(sink);
    this.#heads = new SliceHeads(reasons);
    this.#tracks = new ChromeTracks(facts.targets, goroutines, plan, (name) => sliceHead(Category.p, name));
  }

  get writtenBytes(): number {
    return this.#events.writtenBytes;
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    if (this.#next[goroutine] === undefined) this.audit.goroutines++;
    this.#next[goroutine] = created ? Next.firstOfCreated : Next.firstOfFound;
    this.#bornNs[goroutine] = timeNs;
    if (created) this.#created(goroutine, timeNs);
  }

  span(span: Span): void {
    const { kind, startNs, endNs } = span;
    if (!(startNs >= 0 && endNs <= Number.MAX_SAFE_INTEGER)) refuseTime(span);
    const track = this.#tracks.of(span.goroutine);
    const next = this.#next[span.goroutine];
    if (next !== Next.another) this.#next[span.goroutine] = Next.another;
    if (endNs > this.#lastNs) this.#lastNs = endNs;
    const audit = this.audit.of(kind);
    audit.spans++;
    this.audit.spanNs.add(endNs - startNs);
    track.program.counts.add(kind, startNs, endNs);
    if (kind === SpanKind.running && span.p !== NO_P) this.#onP(span, track);
    if (endNs <= startNs) {
      audit.zeroLength++;
      return;
    }
    this.#events.slice(this.#heads.ofSpan(span, next === Next.firstOfFound), track.pid, track.tid, startNs, endNs);
    if (kind === SpanKind.runnable) this.#waker(span, track, next === Next.firstOfCreated);
    else if (kind === SpanKind.running) this.#whereItRan(span);
    else if (kind === SpanKind.syscall) this.#thread(span);
    this.#endOfSlice(span, track);
    audit.slices++;
    audit.sliceNs.add(endNs - startNs);
  }

  systemStack(span: Span): void {
    const audit = this.audit.systemStack;
    audit.spans++;
    if (span.endNs <= span.startNs) {
      audit.zeroLength++;
      return;
    }
    const track = this.#tracks.of(span.goroutine);
    this.#events.slice(this.#heads.ofSystemStack(span), track.pid, track.tid, span.startNs, span.endNs);
    this.#endOfSlice(span, track);
    audit.slices++;
  }

  end(goroutine: number, timeNs: number): void {
    const track = this.#tracks.of(goroutine);
    this.#events.instant(EXITED, track.program.pid, lifecycleTid(track.program), timeNs);
    this.#events.argGoroutine(GOROUTINE, track.goid, track);
    this.#events.end();
    this.#lived(goroutine, timeNs);
  }

  segment({ gaps }: TraceSegment): void {
    for (const gap of gaps) this.#gap(gap);
  }

  #gap(gap: Gap): void {
    this.audit.gaps++;
    if (!(gap.fromNs >= 0 && gap.toNs <= Number.MAX_SAFE_INTEGER)) return;
    writeGap(this.#events, this.#tracks.firstProgram.pid, this.#lost, gap);
  }

  /** Waits until the output has taken what was written before the previous call. */
  drain(): Promise<void> {
    return this.#events.drain();
  }

  /** Writes what is known only at the end, and checks the audit. The trace ends at `recordedNs`, or with its last span. */
  async finish(recordedNs: number): Promise<ConvertAudit> {
    const endNs = Math.max(recordedNs, this.#lastNs);
    for (const [goroutine, bornNs] of this.#bornNs.entries()) if (bornNs >= 0) this.#lived(goroutine, endNs);
    this.audit.check();
    for (const { pid, counts } of this.#tracks.programs) {
      this.audit.counterPoints += writeStateCounts(this.#events, pid, counts, endNs);
    }
    await this.#tracks.nameAll(this.#events, this.#lost.count);
    await this.#events.finish();
    await this.#sink.close();
    return this.audit;
  }

  /**
   * Spans arrive in order of their end, so a slice that begins before the P's last one ended is cut at its start. The
   * runtime names a P a little before and after it has it (1.26+: exitsyscall), so that two goroutines may claim one.
   */
  #onP(span: Span, track: GoroutineTrack): void {
    const { ps } = this.audit;
    const { pEndNs, pid } = track.program;
    ps.spans++;
    const lastNs = pEndNs[span.p] ?? 0;
    const startNs = Math.max(span.startNs, lastNs);
    if (span.endNs <= startNs) {
      if (span.endNs <= span.startNs) ps.zeroLength++;
      else ps.overlapping++;
      return;
    }
    if (startNs > span.startNs) ps.shortened++;
    pEndNs[span.p] = span.endNs;
    this.#events.slice(track.pSliceHead, pid, FIRST_P_TID + span.p, startNs, span.endNs);
    this.#events.argGoroutine(GOROUTINE, track.goid, track);
    this.#events.end();
    ps.slices++;
  }

  #created(goroutine: number, timeNs: number): void {
    const track = this.#tracks.of(goroutine);
    const info = this.#goroutines.infoOf(goroutine);
    const events = this.#events;
    events.instant(CREATED, track.program.pid, lifecycleTid(track.program), timeNs);
    events.argGoroutine(GOROUTINE, track.goid, track);
    if (info?.parentGoid) {
      events.argGoroutine(BY, info.parentGoid, track.program.trackByGoid.get(info.parentGoid));
    }
    if (info?.createdBy) events.argText(AT, jsonText(info.createdBy));
    events.end();
  }

  #waker(span: Span, track: GoroutineTrack, created: boolean): void {
    if (span.waker !== 0) {
      const waker = track.program.trackByGoid.get(span.waker);
      this.#events.argGoroutine(created ? CREATED_BY : WOKEN_BY, span.waker, waker);
    } else if (span.wakeSource !== WakeSource.none) {
      this.#events.argText(WOKEN_BY_RUNTIME, wakeSourceTexts[span.wakeSource] ?? wakeSourceTexts[0]!);
    }
  }

  #whereItRan(span: Span): void {
    if (span.p !== NO_P) this.#events.argNumber(P, span.p);
    this.#thread(span);
  }

  #thread(span: Span): void {
    this.#events.argNumber(CPU, span.cpu);
    this.#events.argNumber(OS_THREAD, span.tid);
  }

  #endOfSlice(span: Span, track: GoroutineTrack): void {
    if (track.renumbered) this.#events.argNumber(GOID, track.goid);
    if (span.crossesGap) this.#events.argText(EVENTS_LOST, YES);
    this.#events.end();
  }

  #lived(goroutine: number, endNs: number): void {
    this.audit.lifeNs.add(endNs - this.#bornNs[goroutine]!);
    this.#bornNs[goroutine] = -1;
  }
}

function refuseTime({ startNs, endNs }: Span): never {
  throw new UserError(`span from ${startNs} to ${endNs} ns: not a time within a recording (damaged trace?)`);
}
