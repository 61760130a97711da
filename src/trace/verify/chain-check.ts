/** The states of each goroutine as a chain: every row begins in the state in which the one before it ended. */
import { goStateName } from '../../model/go-state.js';
import { isLegalTransition } from '../../model/legal-transitions.js';
import type { GoroutineInfo } from '../../model/trace-facts.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import type { GapCover } from './gap-cover.js';

/** A change of state that was not recorded, and no gap says so. */
export interface ChainBreak {
  readonly row: number;
  readonly goid: number;
  readonly fromNs: number;
  readonly toNs: number;
  /** State in which the row before it ended, and in which this one begins. */
  readonly before: string;
  readonly after: string;
}

export interface ChainCounts {
  goroutines: number;
  /** Rows whose goroutine was never known. */
  anonymous: number;
  /** Breaks that lie in a gap. */
  excused: number;
  /** Changes of state that no Go release makes. */
  illegal: number;
}

/** Before the first row, and after rows are missing. */
const NO_STATE = -1;

interface Life {
  readonly goid: number;
  state: number;
  timeNs: number;
  isDefined: boolean;
  /** Where it first has a row; undefined while it is only defined. */
  entry: string | undefined;
}

export class ChainCheck {
  readonly counts: ChainCounts = { goroutines: 0, anonymous: 0, excused: 0, illegal: 0 };
  readonly #gaps: GapCover;
  readonly #onBreak: (entry: string, found: ChainBreak) => void;
  readonly #lives = new Map<number, Map<number, Life>>();

  /** @param gaps all of the trace: a gap may stand behind the break that it excuses */
  constructor(gaps: GapCover, onBreak: (entry: string, found: ChainBreak) => void) {
    this.#gaps = gaps;
    this.#onBreak = onBreak;
  }

  define(goroutines: readonly GoroutineInfo[]): void {
    for (const { pid, goid } of goroutines) this.#lifeOf(this.#process(pid), goid).isDefined = true;
  }

  rows(batch: TransitionBatch, entry: string): void {
    let pid = -1;
    let lives: Map<number, Life> | undefined;
    for (let row = 0; row < batch.length; row++) {
      if (batch.goid[row] === 0) {
        this.counts.anonymous++;
        continue;
      }
      if (lives === undefined || batch.pid[row] !== pid) {
        pid = batch.pid[row]!;
        lives = this.#process(pid);
      }
      const life = this.#lifeOf(lives, batch.goid[row]!);
      if (life.entry === undefined) {
        life.entry = entry;
        this.counts.goroutines++;
      }
      if (!isLegalTransition(batch.from[row]!, batch.to[row]!)) this.counts.illegal++;
      if (life.state !== NO_STATE && life.state !== batch.from[row]) this.#break(life, batch, row, entry);
      life.state = batch.to[row]!;
      life.timeNs = batch.timeNs[row]!;
    }
  }

  /** Rows are missing here: no chain goes on. */
  interrupt(): void {
    for (const lives of this.#lives.values()) for (const life of lives.values()) life.state = NO_STATE;
  }

  /** Goroutines that have rows, but no table says who they are. */
  *undefinedGoroutines(): Iterable<{ readonly pid: number; readonly goid: number; readonly entry: string }> {
    for (const [pid, lives] of this.#lives) {
      for (const { goid, entry, isDefined } of lives.values()) {
        if (!isDefined && entry !== undefined) yield { pid, goid, entry };
      }
    }
  }

  #break(life: Life, batch: TransitionBatch, row: number, entry: string): void {
    const toNs = batch.timeNs[row]!;
    if (this.#gaps.touches(life.timeNs, toNs)) {
      this.counts.excused++;
      return;
    }
    const [before, after] = [goStateName(life.state), goStateName(batch.from[row]!)];
    this.#onBreak(entry, { row, goid: life.goid, fromNs: life.timeNs, toNs, before, after });
  }

  #process(pid: number): Map<number, Life> {
    let lives = this.#lives.get(pid);
    if (lives === undefined) {
      lives = new Map();
      this.#lives.set(pid, lives);
    }
    return lives;
  }

  #lifeOf(lives: Map<number, Life>, goid: number): Life {
    let life = lives.get(goid);
    if (life === undefined) {
      life = { goid, state: NO_STATE, timeNs: 0, isDefined: false, entry: undefined };
      lives.set(goid, life);
    }
    return life;
  }
}
