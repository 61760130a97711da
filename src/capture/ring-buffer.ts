/**
 * The consumer's side of a BPF ring buffer, in typed arrays over the kernel's own pages.
 * Layout and protocol: kernel/bpf/ringbuf.c and tools/lib/bpf/ringbuf.c (`ringbuf_process_ring`):
 * page 0 holds the consumer's position (writable), page 1 the producer's, then the data, mapped twice in a row so that
 * a record at the end reads on contiguously. A record is a header (u32 length with two flag bits, u32 page offset) and
 * its sample, padded to 8 bytes.
 *
 * Reading here costs a few loads per event; libbpf's own reader would call back into JavaScript through FFI for each.
 */
import type { EventRing } from './event-ring.js';
import { type MappedMemory, mapMemory, pageBytes } from './mapped-memory.js';

export class RingBuffer implements EventRing, Disposable {
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
  readonly mask: number;
  readonly #producer: Uint32Array;
  readonly #consumer: BigUint64Array;

  readonly bytes: number;
  readonly #mappings: readonly MappedMemory[];

  constructor(fd: number, bytes: number) {
    this.bytes = bytes;
    const consumer = mapMemory('ring buffer', fd, 0, pageBytes, 'write');
    const rest = mapMemory('ring buffer', fd, pageBytes, pageBytes + 2 * bytes, 'read');
    this.#mappings = [consumer, rest];
    this.#consumer = new BigUint64Array(consumer.buffer, 0, 1);
    this.#producer = new Uint32Array(rest.buffer, 0, 1);
    this.u32 = new Uint32Array(rest.buffer, pageBytes, bytes / 2);
    this.u16 = new Uint16Array(rest.buffer, pageBytes, bytes);
    this.u8 = new Uint8Array(rest.buffer, pageBytes, 2 * bytes);
    this.mask = bytes - 1;
  }

  producerPosition(): number {
    return Atomics.load(this.#producer, 0);
  }

  consumerPosition(): number {
    return Number(this.#consumer[0]! & 0xffff_ffffn);
  }

  header(offset: number): number {
    return Atomics.load(this.u32, offset >>> 2);
  }

  release(bytes: number): void {
    Atomics.store(this.#consumer, 0, this.#consumer[0]! + BigInt(bytes));
  }

  [Symbol.dispose](): void {
    for (const mapping of this.#mappings) mapping[Symbol.dispose]();
  }
}
