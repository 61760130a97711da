/** Bytes that grow, with the numbers of Go's trace format and of protobuf: unsigned LEB128, up to 64 bits. */
const WORD = 2 ** 32;
/** Room for one event: a type and six numbers. */
const EVENT_ROOM_BYTES = 80;

export class WireBytes {
  #bytes: Uint8Array;
  #at = 0;

  constructor(initialBytes = 256) {
    this.#bytes = new Uint8Array(initialBytes + EVENT_ROOM_BYTES);
  }

  get length(): number {
    return this.#at;
  }

  /** Valid until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  /** Contract: call before each event; {@link byte} and {@link uint} do not check. */
  reserve(bytes = 0): void {
    const needed = this.#at + bytes + EVENT_ROOM_BYTES;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.written());
    this.#bytes = larger;
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Integers in `[0, 2^53)`; a bigint, or a negative number as its two's complement, up to 64 bits. */
  uint(value: number | bigint): void {
    if (typeof value === 'bigint' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
      this.#long(BigInt.asUintN(64, typeof value === 'bigint' ? value : BigInt(Math.trunc(value) || 0)));
      return;
    }
    let rest = value;
    for (; rest >= WORD; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
  }

  #long(value: bigint): void {
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }
}
