/** Traces that are written to memory and read from there. */
import { bytesSource } from '../../src/base/byte-source.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import type { ByteSink } from '../../src/trace/archive-writer.js';
import { TraceFile } from '../../src/trace/trace-file.js';
import { type VerifyReport, verifyTrace } from '../../src/trace/verify/verify-trace.js';

export class MemorySink implements ByteSink {
  readonly chunks: Uint8Array[] = [];
  write(bytes: Uint8Array): void {
    this.chunks.push(bytes.slice());
  }
  truncate(): void {}
  /** Of the file that was written, as `gotape verify` finds them. */
  problems(): VerifyReport['problems'] {
    return verifyTrace(bytesSource(Buffer.concat(this.chunks))).problems;
  }

  trace(): TraceFile {
    const source = bytesSource(Buffer.concat(this.chunks));
    return new TraceFile(source, readArchive(source));
  }
}
