/**
 * Collections, told apart by what ends their mark phase: a stretch of "garbage collection" (runtime.gcMarkTermination), of
 * which each has one. "GC mark termination" is no end: runtime.gcMarkDone asks all Ps whether they are done, and again
 * until they are. A cycle begins with the first marking after the end of the one before: worlds are stopped and stacks
 * scanned for other things too. Work that one goroutine does across that end belongs to the cycle in which it ended.
 */
import { DurationTally } from '../duration-tally.js';
import type { GcCycle, GcCycles } from '../sections.js';
import { TopList } from '../top-list.js';

export type GcWork = 'worker' | 'assist' | 'stopping' | 'termination' | 'preempted';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class GcCycleTally {
  readonly #marking = new DurationTally();
  readonly #longest: TopList<GcCycle>;
  #count = 0;
  #current: Mutable<GcCycle> | undefined;

  constructor(top: number) {
    this.#longest = new TopList<GcCycle>(top, (a, b) => a.startNs - b.startNs);
  }

  /** In order of the ends. */
  add(work: GcWork, startNs: number, endNs: number): void {
    const marks = work === 'worker' || work === 'assist' || work === 'termination';
    if (this.#current === undefined && !marks) return;
    const cycle = this.#current ?? { startNs, ns: 0, workerNs: 0, assistNs: 0, stoppingNs: 0, preemptedNs: 0 };
    this.#current = cycle;
    if (marks) cycle.startNs = Math.min(cycle.startNs, startNs);
    const ns = endNs - startNs;
    if (work === 'worker') cycle.workerNs += ns;
    else if (work === 'assist') cycle.assistNs += ns;
    else if (work === 'stopping') cycle.stoppingNs += ns;
    else if (work === 'preempted') cycle.preemptedNs += ns;
    else this.#end(cycle, endNs);
  }

  /** Null when no end of a cycle is in the trace. */
  result(): GcCycles | null {
    if (this.#count === 0) return null;
    return { count: this.#count, marking: this.#marking.stats(), longest: this.#longest.items() };
  }

  #end(cycle: Mutable<GcCycle>, endNs: number): void {
    cycle.ns = endNs - cycle.startNs;
    this.#count++;
    this.#marking.add(cycle.ns);
    this.#longest.offer(cycle, cycle.ns);
    this.#current = undefined;
  }
}
