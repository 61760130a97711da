import type { GoroutineDirectory } from '../../model/span-sink.js';

/**
 * Numbers of goroutines by process and id, of those that replay has met: an event names who woke a goroutine by its id.
 * Memory by the number of goroutines.
 */
export class GoroutineIds {
  readonly #goroutines: GoroutineDirectory;
  readonly #byPid = new Map<number, Map<number, number>>();
  #known = 0;

  constructor(goroutines: GoroutineDirectory) {
    this.#goroutines = goroutines;
  }

  /** -1 for one that is not known (yet). */
  indexOf(pid: number, goid: number): number {
    for (; this.#known < this.#goroutines.size; this.#known++) this.#add(this.#known);
    return this.#byPid.get(pid)?.get(goid) ?? -1;
  }

  #add(goroutine: number): void {
    const pid = this.#goroutines.pidOf(goroutine);
    let goids = this.#byPid.get(pid);
    if (goids === undefined) {
      goids = new Map();
      this.#byPid.set(pid, goids);
    }
    goids.set(this.#goroutines.goidOf(goroutine), goroutine);
  }
}
