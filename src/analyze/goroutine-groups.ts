import type { GoroutineDirectory } from '../model/span-sink.js';
import type { GoroutineInfo } from '../model/trace-facts.js';

/** More groups than any program has: only a hostile trace meets this bound. What comes later is one group. */
const GROUPS_MAX = 20_000;
const OTHERS = '(others)';

export type NameOf = (info: GoroutineInfo | undefined) => string;

export const byStartFunction: NameOf = (info) => info?.startFunction ?? '';
export const byCreator: NameOf = (info) => info?.createdBy ?? '';
/** All labels, in the order of their keys: `handler=/search tenant=7`. */
export const byLabels: NameOf = (info) =>
  (info?.labels ?? [])
    .map(({ key, value }) => `${key}=${value}`)
    .toSorted()
    .join(' ');

/** Goroutines under one name, numbered densely. What the trace says of a goroutine may change: its labels do. */
export class GoroutineGroups {
  readonly names: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #goroutines: GoroutineDirectory;
  readonly #nameOf: NameOf;
  readonly #infos: (GoroutineInfo | undefined | null)[] = [];
  #groups = new Int32Array(64);

  constructor(goroutines: GoroutineDirectory, nameOf: NameOf) {
    this.#goroutines = goroutines;
    this.#nameOf = nameOf;
  }

  of(goroutine: number): number {
    const info = this.#goroutines.infoOf(goroutine);
    if (goroutine < this.#infos.length && this.#infos[goroutine] === info) return this.#groups[goroutine]!;
    // A hole in the list is no goroutine without information.
    while (this.#infos.length < goroutine) this.#infos.push(null);
    this.#infos[goroutine] = info;
    if (goroutine >= this.#groups.length) this.#grow(goroutine);
    const group = this.numberOf(this.#nameOf(info));
    this.#groups[goroutine] = group;
    return group;
  }

  /** How many goroutines are in each group now, of those that count. */
  sizes(counts: (goroutine: number) => boolean): number[] {
    const sizes: number[] = [];
    for (let goroutine = 0; goroutine < this.#goroutines.size; goroutine++) {
      if (!counts(goroutine)) continue;
      const group = this.of(goroutine);
      sizes[group] = (sizes[group] ?? 0) + 1;
    }
    return sizes;
  }

  /** Of a name; a new one when it was never asked for. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= GROUPS_MAX && name !== OTHERS) return this.numberOf(OTHERS);
    this.#numbers.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  #grow(goroutine: number): void {
    const groups = new Int32Array(Math.max(goroutine + 1, this.#groups.length * 2));
    groups.set(this.#groups);
    this.#groups = groups;
  }
}
