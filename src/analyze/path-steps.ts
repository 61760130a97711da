/** Paths that share their beginnings: sums of all of a path, and its last steps. */

export interface Step {
  readonly goroutine: number;
  readonly kind: number;
  readonly reason: number;
  readonly startNs: number;
  readonly ns: number;
}

interface Node {
  readonly step: Step;
  before: Node | undefined;
  /** How many steps from here on someone may still want; see {@link PathSteps.cut}. */
  wanted: number;
}

export interface Path {
  readonly startNs: number;
  /** Steps in all. */
  length: number;
  last: Node | undefined;
  /** By number of the key. */
  sums: Float64Array;
}

/** Steps that may gather before lists are cut. */
const CUT_AFTER = 1_000_000;
/** Different sums; only a hostile trace has more, whose rest is added to the last. */
const KEYS_MAX = 4096;

export class PathSteps {
  readonly #kept: number;
  readonly #numbers = new Map<number, number>();
  readonly #keys: number[] = [];
  #added = 0;

  /** @param kept how many of the last steps of a path may be asked for */
  constructor(kept: number) {
    this.#kept = kept;
  }

  emptyPath(startNs: number): Path {
    return { startNs, length: 0, last: undefined, sums: new Float64Array(0) };
  }

  copyOf(path: Path): Path {
    return { ...path, sums: path.sums.slice() };
  }

  add(path: Path, step: Step, key: number): void {
    const number = this.#numberOf(key);
    if (number >= path.sums.length) {
      const sums = new Float64Array(Math.max(number + 1, Math.min(KEYS_MAX, this.#keys.length)));
      sums.set(path.sums);
      path.sums = sums;
    }
    path.sums[number] = path.sums[number]! + step.ns;
    path.last = { step, before: path.last, wanted: 0 };
    path.length++;
    this.#added++;
  }

  /** `[key, ns]` of what is on a path. */
  sumsOf({ sums }: Path): [key: number, ns: number][] {
    return [...sums.entries()].flatMap(([number, ns]) =>
      ns > 0 ? [[this.#keys[number]!, ns] as [number, number]] : [],
    );
  }

  /** In order of time. */
  lastOf({ last }: Path): Step[] {
    const steps: Step[] = [];
    for (let node = last; node !== undefined && steps.length < this.#kept; node = node.before) steps.push(node.step);
    return steps.reverse();
  }

  /** Many steps have gathered since the last cut. */
  get isFull(): boolean {
    return this.#added >= CUT_AFTER;
  }

  /** Lets go of steps that none of these paths can be asked for. */
  cut(paths: readonly Path[]): void {
    this.#added = 0;
    const ends: Node[] = [];
    for (const { last } of paths) {
      let node = last;
      for (let wanted = this.#kept; node !== undefined && node.wanted < wanted; wanted--) {
        node.wanted = wanted;
        if (wanted === 1) ends.push(node);
        node = node.before;
      }
    }
    // A later path may have wanted more of the same list.
    for (const node of ends) if (node.wanted === 1) node.before = undefined;
    for (const { last } of paths)
      for (let node = last; node !== undefined && node.wanted > 0; node = node.before) node.wanted = 0;
  }

  #numberOf(key: number): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#keys.length >= KEYS_MAX) return KEYS_MAX - 1;
    this.#numbers.set(key, this.#keys.length);
    return this.#keys.push(key) - 1;
  }
}
