/** What came next, behind the right border: how the spans went on that cross it, and who else lived. */
import type { TraceWindow } from '../../model/trace-window.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import type { GoroutineTable } from '../goroutine-table.js';
import type { Replay } from '../replay.js';
import { type Introductions, isNoGoroutine, type KnownGoroutines } from './known-goroutines.js';
import { RowList } from './row-list.js';

export class RowsAfter {
  readonly #goroutines: GoroutineTable;
  /** Of the goroutines as they are at the right border. */
  readonly #replay: Replay;
  readonly #known: KnownGoroutines;
  readonly #window: TraceWindow;
  readonly #rows = new RowList();
  /** By row. */
  readonly #owners: number[] = [];
  readonly #seen = new Set<number>();
  #lastNs = 0;

  constructor(goroutines: GoroutineTable, replay: Replay, known: KnownGoroutines, window: TraceWindow) {
    this.#goroutines = goroutines;
    this.#replay = replay;
    this.#known = known;
    this.#window = window;
  }

  /** Keeps the first row of each goroutine, from row `from` on. */
  look(batch: TransitionBatch, from: number): void {
    for (let row = from; row < batch.length; row++) {
      // Time never goes back in a sound file; in others a row counts as if it had happened with the one before.
      this.#lastNs = Math.max(this.#lastNs, batch.timeNs[row]!);
      if (batch.goid[row] === 0) continue;
      const g = this.#goroutines.indexOf(batch.pid[row]!, batch.goid[row]!);
      if (this.#seen.has(g)) continue;
      this.#seen.add(g);
      this.#owners.push(g);
      this.#rows.timeNs[this.#rows.add(batch, row)] = this.#lastNs;
    }
  }

  /** The rows that tell something about the window, in order of time; introduces who was not known yet. */
  choose(into: Introductions): TransitionBatch {
    const chosen = new RowList();
    for (const [row, g] of this.#owners.entries()) {
      if (this.#matters(g, this.#rows.from[row]!, into)) chosen.add(this.#rows, row);
    }
    for (let g = 0; g < this.#goroutines.size; g++) {
      if (!this.#seen.has(g) && this.#replay.stateOf(g) === undefined && this.#known.mayLive(g)) {
        this.#known.introduceOnce(g, into);
      }
    }
    return chosen;
  }

  /** @param before what the goroutine was until its next row */
  #matters(g: number, before: number, into: Introductions): boolean {
    const hasState = this.#replay.stateOf(g) !== undefined;
    if (!hasState && isNoGoroutine(before)) return this.#known.isDescribed(g);
    if (!hasState && this.#birthOf(g) >= this.#window.toNs) return this.#known.isDescribed(g);
    // Dead, and born again later.
    if (hasState && !this.#replay.isAlive(g) && isNoGoroutine(before)) return false;
    this.#known.introduceOnce(g, into);
    return true;
  }

  #birthOf(g: number): number {
    const info = this.#goroutines.infoOf(g);
    return info?.origin === 'created' ? info.firstSeenNs : 0;
  }
}
