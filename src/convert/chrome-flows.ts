/**
 * Arrows from wakers to those whom they woke. An end of an arrow binds to the slice that encloses its moment, which must
 * stand before it in the file if it begins at that very moment. So an arrow waits until both slices are written:
 * the woken one's, which begins there (the next, if it lasted 0 ns), and the waker's, if that begins there too.
 */
import type { ChromeParts } from './chrome-parts.js';
import type { GoroutineTrack } from './chrome-tracks.js';

/** Arrows from goroutines that were not seen yet must not pile up. */
const MAX_WAITING = 100_000;

interface Arrow {
  readonly timeNs: number;
  readonly to: GoroutineTrack;
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
  /** By goroutine id of the waker, whose slice of that time is not written yet; apart for each program. */
  readonly #waiting = new Map<string, Arrow[]>();
  #waitingCount = 0;

  constructor(parts: ChromeParts) {
    this.#parts = parts;
  }

  /** True when something waits: only then {@link wrote} must be called. */
  get isWaiting(): boolean {
    return this.#carried.size > 0 || this.#waitingCount > 0;
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
  wrote(track: GoroutineTrack, startNs: number): void {
    const carried = this.#carried.get(track);
    if (carried !== undefined) {
      this.#carried.delete(track);
      if (carried.timeNs === startNs) {
        const from = track.program.trackByGoid.get(carried.waker);
        this.#aim(track, carried.waker, from, startNs);
      } else this.unplaced++;
    }
    if (this.#waitingCount > 0) this.#release(track);
  }

  finish(): void {
    this.unplaced += this.#carried.size + this.#waitingCount;
  }

  #carry(track: GoroutineTrack, waker: number, timeNs: number): void {
    if (this.#carried.has(track)) this.unplaced++;
    this.#carried.set(track, { timeNs, waker });
  }

  #aim(to: GoroutineTrack, waker: number, from: GoroutineTrack | undefined, timeNs: number): void {
    const arrow = { timeNs, to };
    if (from === undefined || this.#beginsAt(from, timeNs)) this.#wait(to.program.pid, waker, arrow);
    else this.#draw(from, arrow);
  }

  /** True when the slice that encloses the moment is still to be written, and may begin there. */
  #beginsAt(from: GoroutineTrack, timeNs: number): boolean {
    return Math.max(from.lastEndNs, this.#parts.startOf(timeNs)) === timeNs;
  }

  #wait(program: number, waker: number, arrow: Arrow): void {
    if (this.#waitingCount >= MAX_WAITING) {
      this.unplaced++;
      return;
    }
    const key = `${program} ${waker}`;
    const arrows = this.#waiting.get(key);
    if (arrows === undefined) this.#waiting.set(key, [arrow]);
    else arrows.push(arrow);
    this.#waitingCount++;
  }

  #release(from: GoroutineTrack): void {
    const key = `${from.program.pid} ${from.goid}`;
    const arrows = this.#waiting.get(key);
    if (arrows === undefined) return;
    this.#waiting.delete(key);
    this.#waitingCount -= arrows.length;
    for (const arrow of arrows) this.#draw(from, arrow);
  }

  /** @param from whose slice of that time is written, or will be and began before */
  #draw(from: GoroutineTrack, { timeNs, to }: Arrow): void {
    const livedThen = from.bornNs <= timeNs && timeNs <= from.diedNs && from !== to;
    if (!livedThen) {
      this.unplaced++;
      return;
    }
    this.arrows++;
    this.#parts.at(timeNs).flow(this.arrows, from.place, to.place, timeNs);
  }
}
