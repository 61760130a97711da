/**
 * Recorded calls as text, one to a line, for `gotape replay --calls`:
 *
 *     START END OUTCOME DEPTH GOID PID TGID FUNCTION(ARGUMENTS)
 *     0.001234567 0.001634567 returned 0 17 4243 4242 main.(*Server).Handle(id=3 err=nil)
 *
 * Times are seconds since the start of the trace. PID is the thread at entry and TGID the process, as the kernel names them.
 * As JSON a line is the call itself: `startNs`, `endNs`, `outcome`, `depth`, `goid`, `tid`, `pid`, `function`, `arguments`.
 */
import { printable, printableJson } from '../base/text.js';
import type { CallInfo } from '../model/call.js';
import { type LineFormat, secondsText } from './transition-lines.js';

export function callLine(call: CallInfo, format: LineFormat): string {
  if (format === 'json') return `${printableJson(call)}\n`;
  const { startNs, endNs, outcome, depth, goid, tid, pid } = call;
  const name = printable(`${call.function}(${call.arguments})`);
  return `${secondsText(startNs)} ${secondsText(endNs)} ${outcome} ${depth} ${goid} ${tid} ${pid} ${name}\n`;
}
