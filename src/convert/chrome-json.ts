/**
 * Spans as Chrome trace-event JSON, for ui.perfetto.dev, chrome://tracing and speedscope. Memory depends on the number of
 * goroutines, not on the length of the trace. What is shown:
 *
 * - a track per goroutine: its states, called by their wait reason; runtime code on the system stack within them; recorded
 *   calls around them. Functions with many goroutines share lanes, where a slice per goroutine stands around its states;
 * - a track per P: which goroutine ran there, called by its start function;
 * - arrows from wakers to those whom they woke;
 * - counters: goroutines by state, exact at up to 16,384 points (`state-counts.ts`);
 * - created and exited goroutines as instants, losses as slices;
 * - what the operating system's threads did, where that was recorded.
 */
import { UserError } from '../base/errors.js';
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { Gap, TraceFacts } from '../model/trace-facts.js';
import type { TraceSegment } from '../model/trace-segment.js';
import { NO_P } from '../model/transition-batch.js';
import { ConvertAudit } from './audit.js';
import { ChromeCalls } from './chrome-calls.js';
import { type Place, placeOf } from './chrome-events.js';
import { writeCreated, writeExited, writeGap, writeStateCounts } from './chrome-extras.js';
import { ChromeFlows } from './chrome-flows.js';
import { ChromeParts } from './chrome-parts.js';
import type { ChromePlan } from './chrome-plan.js';
import { ChromeThreads } from './chrome-threads.js';
import type { GoroutineTrack, ProgramTracks } from './chrome-track.js';
import { ChromeTracks } from './chrome-tracks.js';
import type { ConvertOptions, ConvertOutput, SpanWriter, TrackChoice } from './format.js';
import { LostLanes } from './lost-lanes.js';
import { Category, SliceHeads, sliceHead } from './slice-heads.js';
import { Next, SliceWriter } from './slice-writer.js';
import { FIRST_P_TID } from './track-ids.js';

export interface ChromeOptions {
  readonly facts: TraceFacts;
  /** Wait reasons of the trace; may grow. */
  readonly reasons: readonly string[];
  readonly goroutines: GoroutineDirectory;
  readonly plan: ChromePlan;
  readonly output: ConvertOutput;
  readonly options?: ConvertOptions;
}

/** A sink for spans. Await {@link drain} after each segment, and {@link finish} at the end. */
export class ChromeJson implements SpanWriter {
  readonly audit: ConvertAudit;
  readonly #parts: ChromeParts;
  readonly #tracks: ChromeTracks;
  readonly #slices: SliceWriter;
  readonly #flows: ChromeFlows;
  readonly #calls: ChromeCalls;
  readonly #threads: ChromeThreads;
  readonly #goroutines: GoroutineDirectory;
  readonly #lost = new LostLanes();
  readonly #next: number[] = [];
  /** Goroutines that live. */
  readonly #alive = new Set<number>();
  readonly #shows: Readonly<Record<TrackChoice, boolean>>;
  #lastNs = 0;

  private constructor(parts: ChromeParts, { facts, reasons, goroutines, plan, options = {} }: ChromeOptions) {
    const shows = (track: TrackChoice) => options.tracks?.has(track) ?? true;
    this.#shows = {
      goroutines: shows('goroutines'),
      threads: shows('threads'),
      counters: shows('counters'),
      flows: shows('flows') && shows('goroutines'),
    };
    this.#goroutines = goroutines;
    this.#parts = parts;
    this.#tracks = new ChromeTracks(facts.targets, goroutines, plan, (name) => sliceHead(Category.p, name));
    this.audit = new ConvertAudit();
    this.#slices = new SliceWriter(parts, this.audit, new SliceHeads(reasons));
    this.#flows = new ChromeFlows(parts);
    this.#calls = new ChromeCalls(parts, this.#tracks, this.audit.calls);
    this.#threads = new ChromeThreads(parts);
  }

  static async create(options: ChromeOptions): Promise<ChromeJson> {
    const { output, options: { splitBytes } = {} } = options;
    const open = (number: number) => output.create(splitBytes === undefined ? undefined : String(number));
    return new ChromeJson(await ChromeParts.start(open, splitBytes), options);
  }

  get writtenBytes(): number {
    return this.#parts.writtenBytes;
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    if (this.#next[goroutine] === undefined) this.audit.goroutines++;
    this.#next[goroutine] = created ? Next.firstOfCreated : Next.firstOfFound;
    this.#alive.add(goroutine);
    const track = this.#tracks.of(goroutine);
    track.bornNs = track.lastEndNs = timeNs;
    track.diedNs = Number.POSITIVE_INFINITY;
    this.#tracks.enterLane(track, timeNs);
    if (created && this.#shows.goroutines) {
      writeCreated(this.#parts.at(timeNs), track, this.#goroutines.infoOf(goroutine), timeNs);
    }
  }

  span(span: Span): void {
    const { kind, startNs, endNs } = span;
    if (!(startNs >= 0 && endNs <= Number.MAX_SAFE_INTEGER)) refuseTime(span);
    const track = this.#tracks.of(span.goroutine);
    const next = this.#next[span.goroutine]!;
    if (next !== Next.another) this.#next[span.goroutine] = Next.another;
    if (endNs > this.#lastNs) this.#lastNs = endNs;
    const audit = this.audit.of(kind);
    audit.spans++;
    this.audit.spanNs.add(endNs - startNs);
    track.program.counts.add(kind, startNs, endNs);
    if (kind === SpanKind.running && span.p !== NO_P) this.#onP(span, track);
    const waker =
      kind === SpanKind.runnable && span.waker !== 0 ? track.program.trackByGoid.get(span.waker) : undefined;
    const isLong = endNs > startNs;
    if (!isLong) audit.zeroLength++;
    else if (this.#shows.goroutines) this.#slices.state(span, track, next, waker);
    else audit.notChosen++;
    if (this.#shows.flows) this.#arrows(span, track, waker, isLong);
    track.lastEndNs = endNs;
  }

  systemStack(span: Span): void {
    const audit = this.audit.systemStack;
    audit.spans++;
    if (span.endNs <= span.startNs) audit.zeroLength++;
    else if (this.#shows.goroutines) this.#slices.systemStack(span, this.#tracks.of(span.goroutine));
    else audit.notChosen++;
  }

  end(goroutine: number, timeNs: number): void {
    const track = this.#tracks.of(goroutine);
    if (this.#shows.goroutines) writeExited(this.#parts.at(timeNs), track, timeNs);
    this.#alive.delete(goroutine);
    this.#lived(track, timeNs);
  }

  segment(segment: TraceSegment): void {
    for (const gap of segment.gaps) this.#gap(gap);
    if (this.#shows.goroutines && segment.calls !== undefined) this.#calls.keep(segment.calls);
    if (this.#shows.threads && segment.osSchedule !== undefined) this.#threads.batch(segment.osSchedule);
  }

  #gap(gap: Gap): void {
    this.audit.gaps++;
    if (!(gap.fromNs >= 0 && gap.toNs <= Number.MAX_SAFE_INTEGER)) return;
    writeGap(this.#parts, this.#tracks.firstProgram.pid, this.#lost, gap);
  }

  /** Waits until the output has taken what was written before the previous call. */
  drain(): Promise<void> {
    this.#calls.write();
    return this.#parts.drain(this.#lastNs);
  }

  /** Writes what is known only at the end, and checks the audit. The trace ends at `recordedNs`, or with its last span. */
  async finish(recordedNs: number): Promise<ConvertAudit> {
    const endNs = Math.max(recordedNs, this.#lastNs);
    for (const goroutine of this.#alive) this.#lived(this.#tracks.of(goroutine), endNs);
    this.#calls.write();
    this.#threads.finish(endNs);
    this.#flows.finish();
    this.#summarize();
    this.audit.check();
    for (const [events, fromNs, toNs] of this.#parts.stretches(endNs)) {
      for (const { pid, counts } of this.#tracks.programs) {
        if (!this.#shows.counters) break;
        this.audit.counterPoints += writeStateCounts(events, pid, counts, fromNs, toNs);
      }
      await this.#tracks.nameAll(events, this.#lost.count);
      this.#threads.nameAll(events, this.#tracks);
      await events.drain();
    }
    await this.#parts.finish();
    return this.audit;
  }

  #summarize(): void {
    const { wakeUps, arrows, unplaced } = this.#flows;
    Object.assign(this.audit.flows, { wakeUps, arrows, unplaced });
    this.audit.files = this.#parts.count;
    this.audit.tracks = this.#tracks.goroutineTracks;
  }

  /**
   * Spans arrive in order of their end, so a slice that begins before the P's last one ended is cut at its start. The
   * runtime names a P a little before and after it has it (1.26+: exitsyscall), so that two goroutines may claim one.
   */
  #onP(span: Span, track: GoroutineTrack): void {
    const { ps } = this.audit;
    const { pEndNs, pPlaces } = track.program;
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
    this.#slices.onP(track, pPlaces[span.p] ?? newPPlace(track.program, span.p), startNs, span.endNs);
    ps.slices++;
  }

  #arrows(span: Span, track: GoroutineTrack, waker: GoroutineTrack | undefined, hasSlice: boolean): void {
    const { kind, startNs } = span;
    if (hasSlice) this.#flows.wrote(track, startNs, span.endNs);
    if (kind !== SpanKind.runnable || span.waker === 0) return;
    this.#flows.woken(track, span.waker, waker, startNs, hasSlice);
  }

  #lived(track: GoroutineTrack, endNs: number): void {
    const { lives } = this.audit;
    this.audit.lifeNs.add(endNs - track.bornNs);
    track.diedNs = endNs;
    const { lanes } = track.group;
    if (lanes === undefined) return;
    lives.lives++;
    lanes.release(track.lane, endNs);
    if (endNs <= track.bornNs) lives.zeroLength++;
    else if (!this.#shows.goroutines) lives.notChosen++;
    else {
      this.#slices.life(track);
      lives.slices++;
    }
  }
}

function newPPlace({ pid, pPlaces }: ProgramTracks, p: number): Place {
  const place = placeOf(pid, FIRST_P_TID + p);
  pPlaces[p] = place;
  return place;
}

function refuseTime({ startNs, endNs }: Span): never {
  throw new UserError(`span from ${startNs} to ${endNs} ns: not a time within a recording (damaged trace?)`);
}
