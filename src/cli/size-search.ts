/** Which number of rows makes a file that comes close to a size, and stays below. */
import type { TraceWindow } from '../model/trace-window.js';

/** The next window may compress worse. */
const CAUTION = 0.96;
/** A window that fills this much of the size is good enough. */
const FULL = 0.9;
/** What a short window takes besides its rows: six tables and the header. */
const USUAL_OVERHEAD = 18 * 1024;
/** No step is longer: sizes of few rows say little about those of many. */
const LONGEST_STEP = 8;

interface Try {
  readonly rows: number;
  readonly bytes: number;
}

export class SizeSearch {
  /** To be tried next. */
  rows: number;
  /** The largest that fits so far, and the one tried last. */
  best: TraceWindow | undefined;
  last: TraceWindow | undefined;
  isDone = false;
  readonly #limit: number;
  #previous: Try | undefined;
  #bestRows = 0;
  #tooMany = Number.POSITIVE_INFINITY;

  constructor(limit: number, bytesPerRow: number) {
    this.#limit = limit;
    this.rows = Math.max(1, Math.floor((limit * CAUTION) / bytesPerRow));
  }

  /** @param window that was tried, of at most `rows` rows; undefined when there is none */
  note(window: TraceWindow | undefined, bytes: number): void {
    const isSame = window !== undefined && window.fromNs === this.last?.fromNs && window.toNs === this.last.toNs;
    const { rows } = this;
    this.last = window;
    if (window === undefined) this.rows = rows * 2;
    else {
      const fits = bytes <= this.#limit;
      if (fits && rows > this.#bestRows) [this.best, this.#bestRows] = [window, rows];
      if (!fits) this.#tooMany = Math.min(this.#tooMany, rows);
      this.rows = this.#guess({ rows, bytes });
      this.#previous = { rows, bytes };
      this.isDone = fits && (isSame || bytes >= this.#limit * FULL);
    }
    // Between what fits and what does not.
    if (this.rows >= this.#tooMany || this.rows <= this.#bestRows) this.rows = this.#middle();
    this.isDone ||= this.rows <= this.#bestRows || this.rows < 1;
  }

  /** Along the line through the last two tries; after the first one through what a file takes without rows. */
  #guess({ rows, bytes }: Try): number {
    const before = this.#previous ?? { rows: 0, bytes: Math.min(USUAL_OVERHEAD, bytes / 2) };
    const slope = (bytes - before.bytes) / (rows - before.rows);
    const guess = rows + (this.#limit * CAUTION - bytes) / slope;
    return Math.floor(Math.max(rows / LONGEST_STEP, Math.min(rows * LONGEST_STEP, guess || 0)));
  }

  #middle(): number {
    return Number.isFinite(this.#tooMany) ? Math.floor((this.#bestRows + this.#tooMany) / 2) : this.#bestRows * 2;
  }
}
