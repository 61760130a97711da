/** Half of what a float64 holds exactly: one more addend below it cannot be rounded. */
const FOLD_AT = 2 ** 52;

/** A sum of integers below 2^52 that stays exact: a month of ten thousand goroutines exceeds 2^53 ns. */
export class ExactSum {
  #low = 0;
  #high = 0n;

  add(addend: number): void {
    this.#low += addend;
    if (this.#low >= FOLD_AT) this.#fold();
  }

  addAll(other: ExactSum): void {
    this.#high += other.value;
  }

  get value(): bigint {
    return this.#high + BigInt(this.#low);
  }

  #fold(): void {
    this.#high += BigInt(this.#low);
    this.#low = 0;
  }
}
