/** Slices of goroutines and Ps with their arguments, cut where files and recorded calls begin and end. */
import { type Span, SpanKind } from '../model/span.js';
import { NO_P } from '../model/transition-batch.js';
import { WakeSource, wakeSourceName } from '../model/wake-source.js';
import type { ConvertAudit } from './audit.js';
import { type ChromeEvents, goroutineKey, Level, numberKey, type Place, textKey } from './chrome-events.js';
import type { ChromeParts } from './chrome-parts.js';
import type { GoroutineTrack } from './chrome-track.js';
import { jsonLiteral, jsonText } from './json-bytes.js';
import { Category, type SliceHeads, sliceHead } from './slice-heads.js';

/** What the next span of a goroutine is. */
export const Next = { another: 0, firstOfCreated: 1, firstOfFound: 2 } as const;

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

export class SliceWriter {
  readonly #parts: ChromeParts;
  readonly #audit: ConvertAudit;
  readonly #heads: SliceHeads;

  constructor(parts: ChromeParts, audit: ConvertAudit, heads: SliceHeads) {
    this.#parts = parts;
    this.#audit = audit;
    this.#heads = heads;
  }

  /**
   * A span that lasted some time.
   * @param next what it is of its goroutine
   * @param waker track of the goroutine that it names as its waker, if there is one
   */
  state(span: Span, track: GoroutineTrack, next: number, waker: GoroutineTrack | undefined): void {
    const head = this.#heads.ofSpan(span, next === Next.firstOfFound);
    const { startNs, endNs } = span;
    const audit = this.#audit.of(span.kind);
    audit.slices++;
    if (startNs >= this.#parts.fromNs && track.borders === undefined) {
      audit.sliceNs.add(endNs - startNs);
      this.#state(this.#parts.current, head, span, track, next, waker, startNs, endNs);
      return;
    }
    this.#audit.cuts--;
    this.#cut(track, startNs, endNs, (events, from, to) => {
      audit.sliceNs.add(to - from);
      this.#audit.cuts++;
      this.#state(events, head, span, track, next, waker, from, to);
    });
  }

  #state(
    events: ChromeEvents,
    head: Uint8Array,
    span: Span,
    track: GoroutineTrack,
    next: number,
    waker: GoroutineTrack | undefined,
    startNs: number,
    endNs: number,
  ): void {
    const { kind } = span;
    events.slice(head, track.place, startNs, endNs, Level.state);
    if (kind === SpanKind.runnable) writeWaker(events, span, waker, next === Next.firstOfCreated);
    else if (kind === SpanKind.running) writePlace(events, span);
    else if (kind === SpanKind.syscall) writeThread(events, span);
    writeEnd(events, span, track);
  }

  systemStack(span: Span, track: GoroutineTrack): void {
    const head = this.#heads.ofSystemStack(span);
    this.#audit.systemStack.slices++;
    this.#cut(track, span.startNs, span.endNs, (events, from, to) => {
      events.slice(head, track.place, from, to, Level.systemStack);
      writeEnd(events, span, track);
    });
  }

  onP(track: GoroutineTrack, place: Place, startNs: number, endNs: number): void {
    if (startNs >= this.#parts.fromNs) this.#onP(this.#parts.current, track, place, startNs, endNs);
    else {
      for (const [events, from, to] of this.#parts.pieces(startNs, endNs)) this.#onP(events, track, place, from, to);
    }
  }

  #onP(events: ChromeEvents, track: GoroutineTrack, place: Place, startNs: number, endNs: number): void {
    events.slice(track.pSliceHead, place, startNs, endNs, Level.outer);
    events.argGoroutine(GOROUTINE, track.goid, track);
    events.end();
  }

  /** A goroutine's life around its states, in a lane that others share. */
  life(track: GoroutineTrack): void {
    const head = sliceHead(Category.lifecycle, `G${track.goid}`);
    for (const [events, from, to] of this.#parts.pieces(track.bornNs, track.diedNs)) {
      events.slice(head, track.place, from, to, Level.outer);
      events.argNumber(GOID, track.goid);
      events.end();
    }
  }

  #cut(
    { borders }: GoroutineTrack,
    startNs: number,
    endNs: number,
    write: (events: ChromeEvents, startNs: number, endNs: number) => void,
  ): void {
    for (const [events, fromNs, toNs] of this.#parts.pieces(startNs, endNs)) {
      let from = fromNs;
      for (const border of borders?.within(fromNs, toNs) ?? []) {
        write(events, from, border);
        from = border;
      }
      write(events, from, toNs);
    }
  }
}

function writeWaker(events: ChromeEvents, span: Span, waker: GoroutineTrack | undefined, created: boolean): void {
  if (span.waker !== 0) {
    events.argGoroutine(created ? CREATED_BY : WOKEN_BY, span.waker, waker);
  } else if (span.wakeSource !== WakeSource.none) {
    events.argText(WOKEN_BY_RUNTIME, wakeSourceTexts[span.wakeSource] ?? wakeSourceTexts[0]!);
  }
}

function writePlace(events: ChromeEvents, span: Span): void {
  if (span.p !== NO_P) events.argNumber(P, span.p);
  writeThread(events, span);
}

function writeThread(events: ChromeEvents, span: Span): void {
  events.argNumber(CPU, span.cpu);
  events.argNumber(OS_THREAD, span.tid);
}

function writeEnd(events: ChromeEvents, span: Span, track: GoroutineTrack): void {
  if (track.renumbered) events.argNumber(GOID, track.goid);
  if (span.crossesGap) events.argText(EVENTS_LOST, YES);
  events.end();
}
