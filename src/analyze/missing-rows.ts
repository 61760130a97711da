/** Which time counts, and where rows of the OS schedule are missing. */
import type { Gap } from '../model/trace-facts.js';
import type { TraceWindow } from '../model/trace-window.js';
import type { CountedTime } from './thread-history.js';

export class MissingRows implements CountedTime {
  readonly #window: TraceWindow;
  #gaps: Gap[] = [];
  #latestNs = Number.NEGATIVE_INFINITY;

  constructor(window: TraceWindow) {
    this.#window = window;
  }

  /** Takes those of the schedule. They are known from the segment on that names them. */
  addGaps(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      if (gap.stream !== 'osSchedule') continue;
      this.#gaps.push(gap);
      this.#latestNs = Math.max(this.#latestNs, gap.toNs);
    }
  }

  lengthOf(fromNs: number, toNs: number): number {
    return Math.max(0, Math.min(toNs, this.#window.toNs) - Math.max(fromNs, this.#window.fromNs));
  }

  /** Pieces come almost in order of time, so gaps that lie behind are rare and the latest ones are asked first. */
  isLost(fromNs: number, toNs: number): boolean {
    if (fromNs > this.#latestNs) return false;
    return this.#gaps.findLast((gap) => gap.fromNs <= toNs && gap.toNs >= fromNs) !== undefined;
  }
}
