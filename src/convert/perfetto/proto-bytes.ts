/**
 * Protobuf written straight into bytes: no object and no string per message. Lengths of nested messages are written when they
 * are known; nearly all fit in the one byte that was left for them.
 * Measured by test/bench/convert-bench.ts: about 40 ns for a packet of 25 bytes.
 */

/** Room for the numbers of one packet, granted on top of what {@link ProtoBytes.reserve} is asked for. */
const PACKET_ROOM_BYTES = 1024;
const FOUR_GROUPS = 2 ** 28;
const UTF8_BYTES_PER_UNIT = 3;
const encoder = new TextEncoder();

export class ProtoBytes {
  #bytes: Uint8Array;
  #at = 0;

  constructor(initialBytes = 1 << 20) {
    this.#bytes = new Uint8Array(initialBytes);
  }

  get length(): number {
    return this.#at;
  }

  /** What was written, valid until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  /** Contract: call before each packet with the length of its texts; nothing else checks. */
  reserve(textBytes: number): void {
    if (this.#bytes.length - this.#at >= textBytes + PACKET_ROOM_BYTES) return;
    const larger = new Uint8Array(this.#bytes.length * 2 + textBytes + PACKET_ROOM_BYTES);
    larger.set(this.written());
    this.#bytes = larger;
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  /** Tag of a field whose number is above 15. */
  tag2(value: number): void {
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = (value & 0x7f) | 0x80;
    bytes[at + 1] = value >>> 7;
    this.#at = at + 2;
  }

  /** An integer in `[0, 2^53]`. */
  varint(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value;
    if (value >= FOUR_GROUPS) {
      rest = Math.floor(value / FOUR_GROUPS);
      const low = value - rest * FOUR_GROUPS;
      bytes[at] = low | 0x80;
      bytes[at + 1] = (low >>> 7) | 0x80;
      bytes[at + 2] = (low >>> 14) | 0x80;
      bytes[at + 3] = (low >>> 21) | 0x80;
      at += 4;
    }
    while (rest > 0x7f) {
      bytes[at++] = rest | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  /** An integer in `[0, 2^53]` as eight bytes. */
  fixed64(value: number): void {
    let low = value >>> 0;
    let high = Math.floor(value / 2 ** 32);
    for (let i = 0; i < 4; i++, low >>>= 8) this.byte(low);
    for (let i = 0; i < 4; i++, high >>>= 8) this.byte(high);
  }

  /** A text with its length. Contract: three bytes per UTF-16 unit are reserved. */
  text(text: string): void {
    const start = this.open();
    const { written } = encoder.encodeInto(
      text,
      this.#bytes.subarray(start, start + text.length * UTF8_BYTES_PER_UNIT),
    );
    this.#at = start + written;
    this.close(start);
  }

  /** Begins a nested message, behind its tag. Returns what {@link close} wants. */
  open(): number {
    return ++this.#at;
  }

  close(start: number): void {
    const length = this.#at - start;
    if (length < 0x80) this.#bytes[start - 1] = length;
    else this.#widen(start, length);
  }

  /** The length takes more than one byte: what it counts moves. */
  #widen(start: number, length: number): void {
    let more = 0;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) more++;
    this.#bytes.copyWithin(start + more, start, this.#at);
    this.#at = start - 1;
    this.varint(length);
    this.#at = start + more + length;
  }
}

/** Bytes that a text takes at most. */
export function textRoom(text: string): number {
  return text.length * UTF8_BYTES_PER_UNIT + 4;
}
