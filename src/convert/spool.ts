import type { ByteSink } from './byte-sink.js';

/** A buffer that grows while it is written to. */
export interface SpoolBuffer {
  readonly length: number;
  /** What was written, valid until the next write. */
  written(): Uint8Array;
  clear(): void;
}

const SMALL_BYTES = 16 * 1024;

/**
 * Two buffers between a synchronous producer and a slow sink: one is filled while the other is written. Memory is bounded
 * by what the producer writes between two calls of {@link drain}, one segment of the trace.
 */
export class Spool<Buffer extends SpoolBuffer> {
  /** The buffer to write to. Changes with every {@link drain}. */
  out: Buffer;
  /** Bytes handed to the sink. */
  writtenBytes = 0;
  readonly #sink: ByteSink;
  readonly #newBuffer: (initialBytes?: number) => Buffer;
  #idle: Buffer;
  #pending: Promise<void> = Promise.resolve();

  constructor(sink: ByteSink, newBuffer: (initialBytes?: number) => Buffer) {
    this.#sink = sink;
    this.#newBuffer = newBuffer;
    this.out = newBuffer();
    this.#idle = newBuffer();
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

  /** Gives its memory back; more may follow, but little at a time. */
  async shrink(): Promise<void> {
    await this.finish();
    this.out = this.#newBuffer(SMALL_BYTES);
    this.#idle = this.#newBuffer(SMALL_BYTES);
  }

  /** Writes what is left and waits until the sink has all of it. */
  async finish(): Promise<void> {
    await this.drain();
    await this.#pending;
  }
}
