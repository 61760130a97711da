import type { OutputSink } from '../format.js';
import { ProtoBytes } from './proto-bytes.js';

/** Two buffers: one is filled while the other is written. Memory is bounded by what is written between two drains. */
export class PacketSpool {
  /** The buffer to write to. Changes with every {@link drain}. */
  out = new ProtoBytes();
  /** Bytes handed to the sink. */
  writtenBytes = 0;
  readonly #sink: OutputSink;
  #idle = new ProtoBytes();
  #pending: Promise<void> = Promise.resolve();

  constructor(sink: OutputSink) {
    this.#sink = sink;
  }

  /** Waits for the previous buffer, then starts to write the current one. Rejects when the sink failed. */
  async drain(): Promise<void> {
    await this.#pending;
    if (this.out.length === 0) return;
    const full = this.out;
    this.writtenBytes += full.length;
    this.#pending = this.#sink.write(full.written());
    // The failure is reported by the await of the next call; until then it is not "unhandled".
    this.#pending.catch(() => {});
    this.out = this.#idle;
    this.out.clear();
    this.#idle = full;
  }

  /** Writes what is left and closes the sink. */
  async finish(): Promise<void> {
    await this.drain();
    await this.#pending;
    await this.#sink.close();
  }
}
