/** A thread that reads and decodes `transitions` tables into shared memory. Started by `decode-ahead.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { OpenFile } from '../../base/file-source.js';
import { readEntry } from '../archive-reader.js';
import { ReasonList } from '../reason-list.js';
import { decodeTransitions } from '../transitions-table.js';
import { type DecodeAnswer, type DecodeJob, type DecodeSetup, READY } from './decode-job.js';
import { SharedColumns } from './shared-columns.js';

const { descriptor, sizeBytes, slots, startMonotonicNs, pid } = workerData as DecodeSetup;
const source = new OpenFile(descriptor, sizeBytes);
const columns = slots.map((memory) => new SharedColumns(memory));

/** Whatever is wrong with a table: who asked decodes it again, and tells. */
function decode({ position, entry, slot }: DecodeJob): DecodeAnswer {
  const into = columns[slot]!;
  const reasons = new ReasonList();
  try {
    decodeTransitions(readEntry(source, entry), entry.name, { startMonotonicNs, pid, reasons }, into);
    return { position, rows: into.length, reasons: reasons.texts };
  } catch {
    return { position, rows: -1, reasons: [] };
  }
}

parentPort?.on('message', (job: DecodeJob) => parentPort?.postMessage(decode(job)));
parentPort?.postMessage(READY);
