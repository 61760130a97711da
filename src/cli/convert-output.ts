/** Where a conversion goes: one file that appears when it is complete, or stdout. */
import type { ByteSink } from '../convert/byte-sink.js';
import type { ConvertOutput, OutputSink } from '../convert/format.js';
import { ConvertedFile } from './converted-file.js';
import { GzipSink, StreamSink } from './stream-sinks.js';

/** Counts what was written, after compression. */
export interface CountedOutput extends ConvertOutput {
  readonly bytes: number;
}

/** A stream that was there before, such as stdout. */
export class StreamOutput implements CountedOutput {
  readonly #counter: CountingSink;

  constructor(stream: NodeJS.WritableStream) {
    this.#counter = new CountingSink(new StreamSink(stream));
  }

  get bytes(): number {
    return this.#counter.bytes;
  }

  async create(): Promise<OutputSink> {
    return { write: (bytes) => this.#counter.write(bytes), close: async () => {} };
  }
}

/** A file; `.gz` at the end of its name compresses it. */
export class FileOutput implements CountedOutput {
  readonly #path: string;
  readonly #overwrite: boolean;
  #file: ConvertedFile | undefined;
  #counter: CountingSink | undefined;

  constructor(path: string, overwrite: boolean) {
    this.#path = path;
    this.#overwrite = overwrite;
  }

  get bytes(): number {
    return this.#counter?.bytes ?? 0;
  }

  async create(): Promise<OutputSink> {
    const file = await ConvertedFile.create(this.#path, this.#overwrite);
    this.#file = file;
    const counter = new CountingSink(file);
    this.#counter = counter;
    if (!this.#path.endsWith('.gz')) return { write: (bytes) => counter.write(bytes), close: async () => {} };
    const gzip = new GzipSink(counter);
    return { write: (bytes) => gzip.write(bytes), close: () => gzip.finish() };
  }

  /** Gives the complete file its name. */
  async publish(): Promise<void> {
    await this.#file?.publish();
  }

  /** Nothing is left. Synchronous: a signal handler calls it too. */
  discard(): void {
    this.#file?.discard();
  }

  async abandon(): Promise<void> {
    await this.#file?.close();
    this.discard();
  }
}

class CountingSink implements ByteSink {
  bytes = 0;
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    return this.#sink.write(bytes);
  }
}
