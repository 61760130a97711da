/** Ids in order of appearance, from 1; 0 stays. */
export class IdMap {
  readonly #numberById = new Map<number, number>([[0, 0]]);
  readonly #renumber: boolean;

  constructor(renumber: boolean) {
    this.#renumber = renumber;
  }

  of(id: number): number {
    if (!this.#renumber) return id;
    const known = this.#numberById.get(id);
    if (known !== undefined) return known;
    this.#numberById.set(id, this.#numberById.size);
    return this.#numberById.size - 1;
  }
}

/** Of processes and of threads. */
export interface Ids {
  readonly pid: IdMap;
  readonly tid: IdMap;
}
