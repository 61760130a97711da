import { openTrace, type TraceFile } from '../open-trace.js';
import { startDecodeAhead } from './decode-ahead.js';

/** Opens a file that is read from its beginning to its end: long ones are decoded in threads of their own. */
export async function openTraceAhead(path: string): Promise<TraceFile> {
  const trace = await openTrace(path);
  trace.ahead = startDecodeAhead;
  return trace;
}
