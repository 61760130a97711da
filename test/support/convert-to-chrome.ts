import { convertTrace } from '../../src/cli/convert-trace.js';
import type { ConvertAudit } from '../../src/convert/audit.js';
import type { ByteSink } from '../../src/convert/byte-sink.js';
import { chromeFormat } from '../../src/convert/chrome-format.js';
import type { TraceSource } from '../../src/model/trace-segment.js';

/** Converts a whole trace to Chrome JSON, into memory or wherever `sink` leads. */
export async function convertToChrome(source: TraceSource, sink: ByteSink) {
  const output = { create: async () => ({ write: (bytes: Uint8Array) => sink.write(bytes), close: async () => {} }) };
  const { report, counts } = await convertTrace(chromeFormat, source, output);
  return { audit: report as ConvertAudit, counts };
}
