import { bytesSource } from '../../../src/base/byte-source.js';
import { readArchive } from '../../../src/trace/archive-reader.js';
import { COMPACT_LEVEL, compactTrace } from '../../../src/trace/edit/compact-trace.js';
import { type RedactOptions, redactTrace } from '../../../src/trace/edit/redact/redact-trace.js';
import { TraceFile } from '../../../src/trace/trace-file.js';
import { MemorySink } from '../memory-file.js';

export function openMemory(bytes: Uint8Array): TraceFile {
  const source = bytesSource(bytes);
  return new TraceFile(source, readArchive(source));
}

export async function compacted(bytes: Uint8Array, rowsPerSegment?: number): Promise<Uint8Array> {
  const sink = new MemorySink();
  const rows = rowsPerSegment === undefined ? {} : { rowsPerSegment };
  await compactTrace(openMemory(bytes), sink, { level: COMPACT_LEVEL, ...rows });
  return sink.bytes;
}

const KEY = Buffer.from('a key of the tests, and long enough');

export async function redacted(bytes: Uint8Array, options: Partial<RedactOptions> = {}): Promise<Uint8Array> {
  const sink = new MemorySink();
  const plain = { key: KEY, keep: [], keepAttachments: false, renumber: false, moveClocks: false, level: 1 };
  await redactTrace(openMemory(bytes), sink, { ...plain, ...options });
  return sink.bytes;
}
