import { UserError } from '../../../base/errors.js';
import { ATTACHMENTS } from '../../entry-names.js';
import type { TraceFile } from '../../trace-file.js';
import { otherEntries } from '../whole-trace.js';
import type { IsPublic } from './name-redactor.js';
import { SensitiveCollector, type SensitiveStrings } from './sensitive-strings.js';

/** Reads the whole trace. @throws UserError when an attachment cannot be read */
export async function collectSensitive(trace: TraceFile, isPublic: IsPublic): Promise<SensitiveStrings> {
  const collector = new SensitiveCollector(trace.facts, isPublic);
  const { summary } = trace;
  for (const text of summary === undefined ? [] : [summary.stopReason, ...(summary.repaired ?? [])])
    collector.sentence(text);
  for await (const { goroutines, frames = [], calls = [] } of trace.segments()) {
    for (const info of goroutines) collector.goroutine(info);
    for (const frame of frames) collector.frame(frame);
    for (const call of calls) collector.call(call);
  }
  for (const reason of trace.reasons) collector.reason(reason);
  for (const entry of otherEntries(trace)) {
    collector.lines(entry.name.startsWith(ATTACHMENTS) ? entry.name.slice(ATTACHMENTS.length) : entry.name);
    try {
      collector.lines(Buffer.from(trace.readEntry(entry)).toString('utf8'));
    } catch (error) {
      if (!(error instanceof UserError)) throw error; // Damaged: it cannot be copied either.
    }
  }
  return collector.finish();
}
