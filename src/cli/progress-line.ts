import { formatBytes, formatCount } from '../base/text.js';
import type { Context } from './context.js';

const INTERVAL_MS = 250;

/** One line on a terminal, redrawn a few times a second; nothing elsewhere. */
export class TerminalLine {
  readonly #out: NodeJS.WritableStream | undefined;
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(ctx: Context, quiet: boolean) {
    this.#out = ctx.stderr.isTTY === true && !quiet ? ctx.stderr : undefined;
  }

  isDue(): boolean {
    return this.#out !== undefined && performance.now() - this.#shownMs >= INTERVAL_MS;
  }

  print(text: string): void {
    this.#shownMs = performance.now();
    this.#out?.write(`\r\x1b[K${text}`);
  }

  clear(): void {
    this.#out?.write('\r\x1b[K');
  }
}

export interface Progress {
  readonly seconds: number;
  readonly transitions: number;
  readonly lost: number;
  readonly bytes: number;
}

/** How a recording goes. */
export class ProgressLine extends TerminalLine {
  #last: Progress = { seconds: 0, transitions: 0, lost: 0, bytes: 0 };

  show(now: Progress): void {
    const rate = (now.transitions - this.#last.transitions) / Math.max(now.seconds - this.#last.seconds, 1e-9);
    this.#last = now;
    const parts = [
      `${now.seconds.toFixed(1)} s`,
      `${formatCount(now.transitions)} transitions`,
      `${formatCount(rate)}/s`,
      `lost ${formatCount(now.lost)}`,
      formatBytes(now.bytes),
    ];
    this.print(`recording  ${parts.join('  ')}`);
  }
}
