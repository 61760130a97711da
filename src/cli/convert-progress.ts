import { formatBytes, formatCount } from '../base/text.js';
import type { TraceSegment, TraceSource } from '../model/trace-segment.js';
import type { Context } from './context.js';
import { TerminalLine } from './progress-line.js';

/** How far a conversion is: on a terminal, and only where the result is not shown there too. */
export class ConvertProgress {
  readonly #line: TerminalLine;
  readonly #bytes: () => number;
  readonly #startMs = performance.now();
  #transitions = 0;

  /** @param bytes how much was written */
  constructor(ctx: Context, bytes: () => number) {
    this.#line = new TerminalLine(ctx, false);
    this.#bytes = bytes;
  }

  segment(source: TraceSource, { transitions }: TraceSegment): void {
    this.#transitions += transitions.length;
    if (!this.#line.isDue() || transitions.length === 0) return;
    const seconds = (performance.now() - this.#startMs) / 1000;
    const timeNs = transitions.timeNs[transitions.length - 1]!;
    const parts = [
      ...percentOf(source, timeNs),
      `${formatCount(this.#transitions)} transitions`,
      `${formatCount(this.#transitions / seconds)}/s`,
      formatBytes(this.#bytes()),
    ];
    this.#line.print(`converting  ${parts.join('  ')}`);
  }

  clear(): void {
    this.#line.clear();
  }
}

/** Nothing where the end is not known before all was read. */
function percentOf({ facts, endNs }: TraceSource, timeNs: number): string[] {
  const fromNs = facts.window?.fromNs ?? 0;
  if (!(endNs > timeNs)) return [];
  return [`${Math.floor((100 * (timeNs - fromNs)) / (endNs - fromNs))} %`];
}
