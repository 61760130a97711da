/** When a recording ends: signals, the target's end, duration, size. */

import { formatBytes } from '../base/text.js';
import type { GoTarget } from '../capture/go-target.js';
import type { LaunchedCommand } from '../capture/launch.js';
import type { Capture } from './record-target.js';

/** /proc is looked at this often, not at every poll. */
const ALIVE_INTERVAL_MS = 50;
/** The reason when the recorded process or command has ended. */
export const TARGET_EXITED = 'target exited';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopOptions {
  readonly durationNs: number;
  readonly maxBytes: number;
  readonly target: GoTarget;
  readonly command: LaunchedCommand | undefined;
  readonly capture: Capture;
}

export class StopConditions {
  readonly #options: StopOptions;
  readonly #started = performance.now();
  readonly #startTime: string;
  readonly #handlers: [NodeJS.Signals, () => void][] = [];
  #signals = 0;
  #reason: string | undefined;
  #lookedMs = 0;

  constructor(options: StopOptions) {
    this.#options = options;
    this.#startTime = options.capture.readProcessState(options.target.pid)?.startTime ?? '';
    for (const name of SIGNALS) {
      const handler = () => this.#onSignal(name);
      this.#handlers.push([name, handler]);
      process.on(name, handler);
    }
    // A command of ours is a zombie for a moment, then gone: its exit event tells first.
    void options.command?.exited.then(
      () => this.#stop(TARGET_EXITED),
      () => this.#stop(TARGET_EXITED),
    );
  }

  /** Why recording should end now; undefined while it should not. */
  reason(bytesWritten: number): string | undefined {
    const { durationNs, maxBytes, target, command } = this.#options;
    const elapsedMs = performance.now() - this.#started;
    if (durationNs > 0 && elapsedMs * 1e6 >= durationNs) this.#stop('duration reached');
    if (maxBytes > 0 && bytesWritten >= maxBytes) this.#stop(`size reached (${formatBytes(maxBytes)})`);
    if (command === undefined && target.pid !== 0 && elapsedMs - this.#lookedMs > ALIVE_INTERVAL_MS) {
      this.#lookedMs = elapsedMs;
      if (!this.#options.capture.isAlive(target.pid, this.#startTime)) this.#stop(TARGET_EXITED);
    }
    return this.#reason;
  }

  dispose(): void {
    for (const [name, handler] of this.#handlers) process.off(name, handler);
  }

  #stop(reason: string): void {
    this.#reason ??= reason;
  }

  /**
   * A command gets the first signal, and is recorded until it ends; the second one ends the recording. Ctrl-C on a
   * terminal reaches the command by itself: it is not sent twice.
   */
  #onSignal(name: NodeJS.Signals): void {
    const { command } = this.#options;
    this.#signals++;
    if (command === undefined || this.#signals > 1) {
      this.#stop(name);
      return;
    }
    const reachedCommand = name === 'SIGINT' && process.stdin.isTTY === true;
    if (!reachedCommand) command.signal(name);
  }
}
