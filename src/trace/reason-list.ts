import { UserError } from '../base/errors.js';

/** A hostile file could name a new reason in every row. */
const MAXIMUM_REASONS = 65_535;

/** Wait reasons of one trace, numbered in order of appearance. 0 is none. */
export class ReasonList {
  readonly texts: string[] = [''];
  readonly #numbers = new Map<string, number>([['', 0]]);

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.texts.length > MAXIMUM_REASONS) throw new UserError('holds more than 65,535 different wait reasons');
    this.#numbers.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}
