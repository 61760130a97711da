import { convertTrace } from '../../src/cli/convert-trace.js';
import type { ConvertAudit } from '../../src/convert/audit.js';
import type { ByteSink } from '../../src/convert/byte-sink.js';
import { chromeFormat } from '../../src/convert/chrome-format.js';
import type { ConvertOptions } from '../../src/convert/format.js';
import type { TraceSource } from '../../src/model/trace-segment.js';

/** Converts a whole trace to Chrome JSON, into memory or wherever `sink` leads. */
export async function convertToChrome(source: TraceSource, sink: ByteSink) {
  const output = { create: async () => ({ write: (bytes: Uint8Array) => sink.write(bytes), close: async () => {} }) };
  const { report, counts } = await convertTrace(chromeFormat, source, output);
  return { audit: report as ConvertAudit, counts };
}

/** Converts a whole trace into several files (`splitBytes`) or with other options. */
export async function convertToParts(source: TraceSource, options: ConvertOptions) {
  const files: Uint8Array[][] = [];
  const output = {
    create: async () => {
      const chunks: Uint8Array[] = [];
      files.push(chunks);
      return { write: async (bytes: Uint8Array) => void chunks.push(bytes.slice()), close: async () => {} };
    },
  };
  const { report } = await convertTrace(chromeFormat, source, output, options);
  const texts = files.map((chunks) => new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  return { texts, audit: report as ConvertAudit };
}
