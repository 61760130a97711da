/** All gaps of transitions of a trace as one sorted list of stretches: does one of them touch this time? */
import { type Gap, losesTransitions } from '../../model/trace-facts.js';

/** A day of a recorder that loses something at every poll makes a million, if none of them touch. */
const MAXIMUM_STRETCHES = 1 << 20;

export class GapCover {
  #from: number[] = [];
  #to: number[] = [];
  #added: Gap[] = [];

  add(gaps: readonly Gap[]): void {
    for (const gap of gaps) if (losesTransitions(gap)) this.#added.push(gap);
    if (this.#added.length > MAXIMUM_STRETCHES) this.#merge();
  }

  /** True when events were lost somewhere in `[fromNs, toNs]`. */
  touches(fromNs: number, toNs: number): boolean {
    if (this.#added.length > 0) this.#merge();
    // The last stretch that begins before the end of what is asked for: later ones lie behind it, earlier ones before.
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#from[middle]! <= toNs) low = middle + 1;
      else high = middle;
    }
    return low > 0 && this.#to[low - 1]! >= fromNs;
  }

  #merge(): void {
    const all = this.#from.map((fromNs, i) => ({ fromNs, toNs: this.#to[i]! }));
    for (const gap of this.#added) all.push(gap);
    all.sort((a, b) => a.fromNs - b.fromNs);
    this.#added = [];
    this.#from = [];
    this.#to = [];
    for (const { fromNs, toNs } of all) this.#append(fromNs, toNs);
  }

  #append(fromNs: number, toNs: number): void {
    const last = this.#to.length - 1;
    // Beyond the limit stretches grow together: a problem may be excused, memory is not used up.
    const joins = last >= 0 && (fromNs <= this.#to[last]! || last + 1 >= MAXIMUM_STRETCHES);
    if (joins) this.#to[last] = Math.max(this.#to[last]!, toNs);
    else {
      this.#from.push(fromNs);
      this.#to.push(toNs);
    }
  }
}
