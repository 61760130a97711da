/** What every goroutine does at the moment, and since when, as far as its last event tells. */
import type { Span } from '../../model/span.js';

/** Neither alive nor known. */
export const NOTHING_YET = -1;

export class StatesNow {
  #kinds = new Int8Array(64).fill(NOTHING_YET);
  #since = new Float64Array(64);
  readonly #counts = new Float64Array(8);

  /** How many goroutines are in a state. */
  count(kind: number): number {
    return this.#counts[kind]!;
  }

  kindOf(goroutine: number): number {
    return this.#kinds[goroutine] ?? NOTHING_YET;
  }

  sinceOf(goroutine: number): number {
    return this.#since[goroutine] ?? 0;
  }

  opened({ goroutine, kind, startNs }: Span): void {
    if (goroutine >= this.#kinds.length) this.#grow(goroutine);
    this.#leave(goroutine);
    this.#kinds[goroutine] = kind;
    this.#since[goroutine] = startNs;
    this.#counts[kind] = this.#counts[kind]! + 1;
  }

  ended(goroutine: number): void {
    this.#leave(goroutine);
  }

  #leave(goroutine: number): void {
    const kind = this.#kinds[goroutine] ?? NOTHING_YET;
    if (kind === NOTHING_YET) return;
    this.#counts[kind] = this.#counts[kind]! - 1;
    this.#kinds[goroutine] = NOTHING_YET;
  }

  #grow(goroutine: number): void {
    const length = Math.max(goroutine + 1, this.#kinds.length * 2);
    const kinds = new Int8Array(length).fill(NOTHING_YET);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const since = new Float64Array(length);
    since.set(this.#since);
    this.#since = since;
  }
}
