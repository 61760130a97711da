/**
 * Little-endian numbers and strings at any place of a {@link ByteSource}, through a few cached pages: a function table is
 * walked without holding it, and no size that a file claims leads to an allocation. Reading past the end is a `UserError`.
 */
import type { ByteSource } from '../base/byte-source.js';
import { UserError } from '../base/errors.js';

const PAGE_BYTES = 1 << 16;
const CACHED_PAGES = 64;

export class ByteReader {
  readonly size: number;
  readonly name: string;
  readonly #source: ByteSource;
  readonly #pages = new Map<number, DataView>();
  #page: DataView = new DataView(new ArrayBuffer(0));
  #pageStart = 0;

  constructor(source: ByteSource, name: string) {
    this.#source = source;
    this.size = source.size;
    this.name = name;
  }

  u8(offset: number): number {
    return this.#at(offset, 1).getUint8(offset - this.#pageStart);
  }

  u16(offset: number): number {
    return this.#fits(offset, 2)
      ? this.#page.getUint16(offset - this.#pageStart, true)
      : this.u8(offset) | (this.u8(offset + 1) << 8);
  }

  u32(offset: number): number {
    return this.#fits(offset, 4)
      ? this.#page.getUint32(offset - this.#pageStart, true)
      : this.u16(offset) + this.u16(offset + 2) * 0x10000;
  }

  i32(offset: number): number {
    return this.u32(offset) | 0;
  }

  /** Inexact above 2^53, where no address or size of a real file lies; callers check ranges, so that is never used. */
  u64(offset: number): number {
    return this.u32(offset) + this.u32(offset + 4) * 0x1_0000_0000;
  }

  /** A copy of at most one page's worth of bytes or whatever bound the caller has checked. */
  bytes(offset: number, length: number): Uint8Array {
    this.#check(offset, length);
    return this.#source.read(offset, length);
  }

  /** The bytes up to a NUL; cut at `maxBytes` when there is none. Invalid UTF-8 becomes U+FFFD. */
  cString(offset: number, maxBytes: number): string {
    const bytes = this.bytes(offset, Math.min(maxBytes, Math.max(0, this.size - offset)));
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /** True when the bytes lie in the file. */
  has(offset: number, length: number): boolean {
    return offset >= 0 && length >= 0 && offset + length <= this.size;
  }

  /** Makes `#page` hold `offset` and tells whether all bytes of the number lie in it. */
  #fits(offset: number, length: number): boolean {
    this.#at(offset, length);
    return offset + length <= this.#pageStart + this.#page.byteLength;
  }

  #at(offset: number, length: number): DataView {
    const within = offset - this.#pageStart;
    if (within >= 0 && within + length <= this.#page.byteLength) return this.#page;
    this.#check(offset, length);
    this.#pageStart = Math.floor(offset / PAGE_BYTES) * PAGE_BYTES;
    this.#page = this.#pages.get(this.#pageStart) ?? this.#load(this.#pageStart);
    return this.#page;
  }

  #load(start: number): DataView {
    const bytes = this.#source.read(start, Math.min(PAGE_BYTES, this.size - start));
    const page = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#pages.size >= CACHED_PAGES) this.#pages.delete(this.#pages.keys().next().value ?? 0);
    this.#pages.set(start, page);
    return page;
  }

  #check(offset: number, length: number): void {
    if (this.has(offset, length) && Number.isSafeInteger(offset)) return;
    throw new UserError(
      `cannot read ${this.name}: it points to byte ${offset} (${length} bytes), but has only ${this.size} (cut off or damaged?)`,
    );
  }
}
