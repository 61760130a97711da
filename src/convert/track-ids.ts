/**
 * Numbers of Chrome processes and threads. They are what Perfetto sorts threads by and shows behind every name
 * (`G17 main.worker 1017`), so they end in the number that a person looks for:
 *
 *     10            lost events
 *     100 + n       P n
 *     base - 1      goroutines created and exited
 *     base + goid   goroutine; base is a power of ten, or 0 where goroutines have a process of their own
 *
 * Rules of the viewers: 0 and numbers above 2^32-1 silently mean another thread; a thread with its process' number is
 * shown as "main thread", before all others.
 */
import { MAX_PLAIN_GOID } from './chrome-plan.js';

export const LOST_TID = 10;
export const FIRST_P_TID = 100;
const MIN_BASE = 1000;
/** Base of a process that shows no goroutines. */
export const NO_GOROUTINES_BASE = 100_000;

/** Power of ten above every number that has to fit below it. */
export function goroutineBase(maxGoid: number, maxP: number): number {
  let base = MIN_BASE;
  while (base <= maxGoid || base <= FIRST_P_TID + maxP + 1) base *= 10;
  return base;
}

/** Thread numbers for the goroutines of one Chrome process. */
export class GoroutineTids {
  readonly #base: number;
  readonly #used: Set<number>;
  #spare: number;

  constructor(base: number, pid: number) {
    this.#base = base;
    this.#used = new Set([0, pid]);
    this.#spare = base === 0 ? MAX_PLAIN_GOID + 1 : 2 * base;
  }

  /** A free number: `base + goid` if possible. */
  claim(goid: number): number {
    let tid = this.#base + goid;
    if (goid < 0 || goid > MAX_PLAIN_GOID || this.#used.has(tid)) {
      while (this.#used.has(this.#spare)) this.#spare++;
      tid = this.#spare;
    }
    this.#used.add(tid);
    return tid;
  }
}
