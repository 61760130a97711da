/** Names that stand for others: the same for the same original and key, and nothing that leads back without the key. */
import { createHmac } from 'node:crypto';

/** 32 bits are readable. Where two names of one trace would get the same, the second gets all. */
const SHORT_DIGITS = 8;
const LONG_DIGITS = 32;

export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #digitsByOriginal = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** `host` and `db7.example.com` → `host_4f2a91bc`. Nothing stays nothing. */
  of(kind: string, original: string): string {
    return original === '' ? '' : `${kind}_${this.#digitsOf(original)}`;
  }

  /** In the shape of a boot id. */
  uuid(original: string): string {
    if (original === '') return '';
    return this.#hmac(original).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');
  }

  #digitsOf(original: string): string {
    const known = this.#digitsByOriginal.get(original);
    if (known !== undefined) return known;
    const all = this.#hmac(original);
    const short = all.slice(0, SHORT_DIGITS);
    const digits = this.#taken.has(short) ? all.slice(0, LONG_DIGITS) : short;
    this.#taken.add(digits);
    this.#digitsByOriginal.set(original, digits);
    return digits;
  }

  #hmac(original: string): string {
    return createHmac('sha256', this.#key).update(original).digest('hex');
  }
}
