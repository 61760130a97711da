/** Traces of tests whose counters balance, as those of a recorder do. */
import { decodeSummary, encodeSummary } from '../../src/trace/trace-header.js';
import { changeEntry } from './memory-file.js';

/** The trace with a summary that counts what its tables hold. */
export function balanced(file: Uint8Array): Uint8Array {
  return changeEntry(file, 'summary.pb', (bytes) => {
    const summary = decodeSummary(bytes);
    const dropped = summary.index.reduce((sum, { lost }) => sum + lost, 0);
    const submitted = summary.transitions;
    return encodeSummary({ ...summary, losses: { ...summary.losses, hits: submitted + dropped, submitted, dropped } });
  });
}
