/** Traces that are written to memory and read from there. */
import { bytesSource } from '../../src/base/byte-source.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import type { ByteSink } from '../../src/trace/archive-writer.js';
import { TraceFile } from '../../src/trace/trace-file.js';

export class MemorySink implements ByteSink {
  readonly chunks: Uint8Array[] = [];
  write(bytes: Uint8Array): void {
    this.chunks.push(bytes.slice());
  }
  truncate(): void {}
  trace(): TraceFile {
    const source = bytesSource(Buffer.concat(this.chunks));
    return new TraceFile(source, readArchive(source));
  }
}
