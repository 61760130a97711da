/**
 * Arrows from wakers to those whom they woke. An end of an arrow binds to the slice that encloses its moment, which must
 * stand before it in the file if it begins at that very moment. So an arrow waits until both are written: the slice that
 * begins there of the one that was woken (the next, if it lasted 0 ns), and the waker's, which is known when it ends.
 */
import type { Place } from './chrome-events.js';
import type { ChromeParts } from './chrome-parts.js';
import type { GoroutineTrack } from './chrome-track.js';

/** Arrows from a goroutine that never does anything else must not pile up. */
const MAX_WAITING = 500_000;

export interface Arrow {
  readonly timeNs: number;
  readonly to: GoroutineTrack;
  /** Where it was then: in a next life it may take another lane. */
  readonly place: Place;
}

export class ChromeFlows {
  /** `wakeUps = arrows + unplaced` at the end. */
  wakeUps = 0;
  arrows = 0;
  /** Of wakers that are not in the trace at that time, and of goroutines that did nothing afterwards. */
  unplaced = 0;
  readonly #parts: ChromeParts;
  /** Wakers of goroutines whose slice at that time lasted 0 ns. */
  readonly #carried = new Map<GoroutineTrack, { readonly timeNs: number; readonly waker: number }>();
  /** From goroutines that have no track yet: by program and goroutine. */
  readonly #unseen = new Map<string, Arrow[]>();
  #waiting = 0;

  constructor(parts: ChromeParts) {
    this.#parts = parts;
  }

  /**
   * A goroutine became runnable at `timeNs`; its slice is written, unless it has none.
   * @param from the waker's track, if it has one already
   */
  woken(
    track: GoroutineTrack,
    waker: number,
    from: GoroutineTrack | undefined,
    timeNs: number,
    hasSlice: boolean,
  ): void {
    this.wakeUps++;
    if (hasSlice) this.#aim(track, waker, from, timeNs);
    else this.#carry(track, waker, timeNs);
  }

  /** A slice of the goroutine was written. */
  wrote(track: GoroutineTrack, startNs: number, endNs: number): void {
    if (this.#carried.size > 0) this.#uncarry(track, startNs);
    if (track.arrows !== undefined) this.#release(track, endNs);
    if (this.#unseen.size > 0) this.#seen(track, endNs);
  }

  finish(): void {
    this.unplaced += this.#carried.size + this.#waiting;
  }

  #carry(track: GoroutineTrack, waker: number, timeNs: number): void {
    if (this.#carried.has(track)) this.unplaced++;
    this.#carried.set(track, { timeNs, waker });
  }

  #uncarry(track: GoroutineTrack, startNs: number): void {
    const carried = this.#carried.get(track);
    if (carried === undefined) return;
    this.#carried.delete(track);
    if (carried.timeNs !== startNs) this.unplaced++;
    else this.#aim(track, carried.waker, track.program.trackByGoid.get(carried.waker), startNs);
  }

  #aim(to: GoroutineTrack, waker: number, from: GoroutineTrack | undefined, timeNs: number): void {
    const arrow = { timeNs, to, place: to.place };
    // Written already: the waker went on to something else before the one that it woke did.
    if (from !== undefined && from.lastEndNs > timeNs) this.#draw(from, arrow);
    else if (this.#waiting >= MAX_WAITING) this.unplaced++;
    else this.#wait(arrow, waker, from);
  }

  #wait(arrow: Arrow, waker: number, from: GoroutineTrack | undefined): void {
    this.#waiting++;
    if (from !== undefined) {
      from.arrows ??= [];
      from.arrows.push(arrow);
      return;
    }
    const key = keyOf(arrow.to.program.pid, waker);
    const arrows = this.#unseen.get(key);
    if (arrows === undefined) this.#unseen.set(key, [arrow]);
    else arrows.push(arrow);
  }

  #seen(track: GoroutineTrack, endNs: number): void {
    const key = keyOf(track.program.pid, track.goid);
    const arrows = this.#unseen.get(key);
    if (arrows === undefined) return;
    this.#unseen.delete(key);
    track.arrows = [...(track.arrows ?? []), ...arrows];
    this.#release(track, endNs);
  }

  /** All that was written of the waker's time ends at `endNs`. */
  #release(from: GoroutineTrack, endNs: number): void {
    const later: Arrow[] = [];
    for (const arrow of from.arrows ?? []) {
      if (arrow.timeNs >= endNs) later.push(arrow);
      else {
        this.#waiting--;
        this.#draw(from, arrow);
      }
    }
    from.arrows = later.length > 0 ? later : undefined;
  }

  #draw(from: GoroutineTrack, { timeNs, to, place }: Arrow): void {
    const livedThen = from.bornNs <= timeNs && timeNs < from.diedNs && from !== to;
    if (!livedThen) {
      this.unplaced++;
      return;
    }
    this.arrows++;
    this.#parts.at(timeNs).flow(this.arrows, from.place, place, timeNs);
  }
}

function keyOf(program: number, goid: number): string {
  return `${program} ${goid}`;
}
