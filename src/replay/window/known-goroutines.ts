/**
 * Which goroutines a cut has introduced so far, and what it must say before it mentions another: its state, and who it is.
 */
import type { GoroutineState } from '../../model/goroutine-state.js';
import type { GoroutineInfo } from '../../model/trace-facts.js';
import type { GoroutineTable } from '../goroutine-table.js';
import { Phase, phaseByState } from '../phase.js';
import type { Replay } from '../replay.js';

/** What one segment of the cut says besides rows. */
export interface Introductions {
  readonly states: GoroutineState[];
  readonly goroutines: GoroutineInfo[];
}

const INTRODUCED = 1;
/** The cut says who it is. */
const DESCRIBED = 2;
/** The cut names it as waker or creator. */
const REFERRED = 4;

export class KnownGoroutines {
  readonly #table: GoroutineTable;
  readonly #replay: Replay;
  readonly #endNs: number;
  readonly #isWanted: ((pid: number, goid: number) => boolean) | undefined;
  #flags = new Uint8Array(1024);

  /** @param endNs of the window */
  constructor(
    table: GoroutineTable,
    replay: Replay,
    endNs: number,
    isWanted: ((pid: number, goid: number) => boolean) | undefined,
  ) {
    this.#table = table;
    this.#replay = replay;
    this.#endNs = endNs;
    this.#isWanted = isWanted;
  }

  isIntroduced(g: number): boolean {
    return this.#has(g, INTRODUCED);
  }

  isDescribed(g: number): boolean {
    return this.#has(g, DESCRIBED);
  }

  /** True for a goroutine of which only a description is known, when that says that it lives before the window ends. */
  mayLive(g: number): boolean {
    const info = this.#table.infoOf(g);
    if (info === undefined || info.origin === 'referred') return false;
    if (this.#isWanted?.(info.pid, info.goid) === false) return false;
    return info.origin !== 'created' || info.firstSeenNs < this.#endNs;
  }

  introduceOnce(g: number, into: Introductions): void {
    if (!this.isIntroduced(g)) this.introduce(g, into);
  }

  /** To be called before the goroutine's first row in the cut is replayed. */
  introduce(g: number, into: Introductions): void {
    this.#mark(g, INTRODUCED);
    const state = this.#replay.stateOf(g);
    if (state !== undefined) into.states.push(state);
    this.describe(g, into);
  }

  /** Says who a goroutine is, if that is known and was not said. */
  describe(g: number, into: Introductions): void {
    const info = this.#table.infoOf(g);
    if (info === undefined || this.#has(g, DESCRIBED)) return;
    this.#mark(g, DESCRIBED);
    into.goroutines.push(info);
    this.refer(info.pid, info.parentGoid, into);
  }

  /** The cut names a goroutine that need not have a life in it. */
  refer(pid: number, goid: number, into: Introductions): void {
    // Creators form a chain; each is described once, so this ends.
    for (let id = goid; id !== 0; ) {
      const g = this.#table.indexOf(pid, id);
      const info = this.#table.infoOf(g);
      if (this.#has(g, DESCRIBED) || this.isIntroduced(g)) return;
      this.#mark(g, REFERRED);
      if (info === undefined) return;
      this.#mark(g, DESCRIBED);
      into.goroutines.push({ ...info, origin: 'referred' });
      id = info.parentGoid;
    }
  }

  /** Of a source that was cut itself: whom it only refers to. */
  passOn(g: number, into: Introductions): void {
    const info = this.#table.infoOf(g);
    if (info?.origin === 'referred') this.refer(info.pid, info.goid, into);
  }

  /** Descriptions that came too late: of goroutines that the cut has introduced or referred to. */
  describeLate(into: Introductions): void {
    for (let g = 0; g < this.#table.size; g++) {
      const info = this.#table.infoOf(g);
      if (info === undefined || this.#has(g, DESCRIBED)) continue;
      if (this.isIntroduced(g)) this.describe(g, into);
      else if (this.#has(g, REFERRED)) this.refer(info.pid, info.goid, into);
    }
  }

  #has(g: number, flag: number): boolean {
    return (this.#flags[g]! & flag) !== 0;
  }

  #mark(g: number, flag: number): void {
    if (g >= this.#flags.length) {
      const flags = new Uint8Array(Math.max(this.#table.size, this.#flags.length * 2));
      flags.set(this.#flags);
      this.#flags = flags;
    }
    this.#flags[g] = this.#flags[g]! | flag;
  }
}

/** Not born yet, or dead. */
export function isNoGoroutine(state: number): boolean {
  return phaseByState[state] === Phase.none;
}
