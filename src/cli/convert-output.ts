/** Where a conversion goes: files that appear when all are complete, or stdout. */
import { mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText, UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
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

  async create(name?: string): Promise<OutputSink> {
    if (name !== undefined) throw new UserError('-o -: stdout takes one file, and this makes several');
    return { write: (bytes) => this.#counter.write(bytes), close: async () => {} };
  }
}

/** Files; `.gz` at the end of a name compresses them. */
abstract class Files implements CountedOutput {
  readonly #overwrite: boolean;
  readonly #files: ConvertedFile[] = [];
  #closedBytes = 0;
  #counters: CountingSink[] = [];

  constructor(overwrite: boolean) {
    this.#overwrite = overwrite;
  }

  get bytes(): number {
    return this.#closedBytes + this.#counters.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Names of all files, in the order in which they were made. */
  get paths(): readonly string[] {
    return this.#files.map(({ path }) => path);
  }

  async create(name?: string): Promise<OutputSink> {
    const path = this.pathOf(name);
    const file = await ConvertedFile.create(path, this.#overwrite);
    this.#files.push(file);
    const counter = new CountingSink(file);
    this.#counters.push(counter);
    const close = async () => {
      this.#counters = this.#counters.filter((other) => other !== counter);
      this.#closedBytes += counter.bytes;
      await file.complete();
    };
    if (!path.endsWith('.gz')) return { write: (bytes) => counter.write(bytes), close };
    const gzip = new GzipSink(counter);
    return { write: (bytes) => gzip.write(bytes), close: () => gzip.finish().then(close) };
  }

  protected abstract pathOf(name: string | undefined): string;

  /** Gives the complete files their names. */
  async publish(): Promise<void> {
    for (const file of this.#files) await file.publish();
  }

  /** Nothing is left. Synchronous: a signal handler calls it too. */
  discard(): void {
    for (const file of this.#files) file.discard();
  }

  async abandon(): Promise<void> {
    for (const file of this.#files) await file.close();
    this.discard();
  }
}

/** One file, and those that a format writes beside it. */
export class FileOutput extends Files {
  readonly #path: string;

  constructor(path: string, overwrite: boolean) {
    super(overwrite);
    this.#path = path;
  }

  protected pathOf(name: string | undefined): string {
    if (name === undefined) return this.#path;
    const [, stem = '', extension = ''] = /^(.+?)((?:\.[^.]+)?(?:\.gz)?)$/.exec(basename(this.#path)) ?? [];
    return join(dirname(this.#path), `${stem}.${name}${extension}`);
  }
}

/** A folder, which may hold other files already. */
export class FolderOutput extends Files {
  readonly #folder: string;

  constructor(folder: string, overwrite: boolean) {
    super(overwrite);
    this.#folder = folder;
  }

  protected pathOf(name = ''): string {
    const path = join(this.#folder, name);
    try {
      mkdirSync(dirname(path), { recursive: true });
    } catch (error) {
      throw new UserError(`${printable(this.#folder)}: not a folder that can be written: ${errorText(error)}`, {
        cause: error,
      });
    }
    return path;
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
