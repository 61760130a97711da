import { convertTrace } from '../../src/cli/convert-trace.js';
import type { ConvertOptions } from '../../src/convert/format.js';
import type { PerfettoAudit } from '../../src/convert/perfetto/audit.js';
import { perfettoFormat } from '../../src/convert/perfetto/perfetto-format.js';
import type { TraceSource } from '../../src/model/trace-segment.js';

/** Converts a whole trace to a Perfetto trace in memory. */
export async function convertToPerfetto(source: TraceSource, options: ConvertOptions = {}) {
  const chunks: Uint8Array[] = [];
  const output = {
    create: async () => ({
      write: async (bytes: Uint8Array) => void chunks.push(bytes.slice()),
      close: async () => {},
    }),
  };
  const { report, counts } = await convertTrace(perfettoFormat, source, output, options);
  return { bytes: Buffer.concat(chunks), audit: report as PerfettoAudit, counts };
}
