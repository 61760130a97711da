/** libbpf's own log: kept for error messages, shown with -v. */
import { setPrint } from './libbpf-bindings.js';
import { vsnprintf } from './libc-bindings.js';

const LINES_KEPT = 200;
const scratch = new Uint8Array(4096);
let lines: string[] = [];
let show: ((line: string) => void) | undefined;

/** Takes libbpf's log over; `listener` sees every line as it comes. */
export function captureLog(listener?: (line: string) => void): void {
  show = listener;
  setPrint((_level, format, args) => {
    const length = vsnprintf(scratch, scratch.length, format, args);
    const text = Buffer.from(scratch.subarray(0, Math.max(0, Math.min(length, scratch.length - 1)))).toString('latin1');
    lines.push(text.trimEnd());
    if (lines.length > LINES_KEPT) lines = lines.slice(-LINES_KEPT);
    show?.(text.trimEnd());
    return 0;
  });
}

/** The lines since the last call. */
export function takeLog(): readonly string[] {
  const taken = lines;
  lines = [];
  return taken;
}
