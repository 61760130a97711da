/** A ring buffer in plain memory that holds records of any length. */
import { type EventRing, RECORD_HEADER_BYTES } from '../../src/capture/event-ring.js';

export class RawRing implements EventRing {
  readonly #memory = new ArrayBuffer(1 << 16);
  readonly u32 = new Uint32Array(this.#memory);
  readonly u16 = new Uint16Array(this.#memory);
  readonly u8 = new Uint8Array(this.#memory);
  readonly mask = (1 << 15) - 1;
  #produced = 0;
  #consumed = 0;

  producerPosition = () => this.#produced;
  consumerPosition = () => this.#consumed;
  header = (offset: number) => this.u32[offset >>> 2]!;
  release = (bytes: number) => {
    this.#consumed += bytes;
  };

  push(sample: Uint8Array): void {
    this.u32[this.#produced >>> 2] = sample.length;
    this.u8.set(sample, this.#produced + RECORD_HEADER_BYTES);
    this.#produced += (sample.length + RECORD_HEADER_BYTES + 7) & ~7;
  }
}
