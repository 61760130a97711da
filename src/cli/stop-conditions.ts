/** When a recording ends: signals, the target's end, duration, size. */

import { formatBytes } from '../base/text.js';
import type { GoTarget } from '../capture/go-target.js';
import type { LaunchedCommand } from '../capture/launch.js';
import { ProgramWatch } from './program-watch.js';
import type { Capture } from './record-target.js';

/** /proc is looked at this often, not at every poll. */
const ALIVE_INTERVAL_MS = 50;
/** The reason when the recorded process or command has ended. */
export const TARGET_EXITED = 'target exited';
/** Probes are in the old program's memory, which is gone; ids of goroutines would start again. */
export const TARGET_REPLACED = 'target executed another program';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface StopLimits {
  /** 0: none. */
  readonly durationNs: number;
  readonly maxBytes: number;
}

interface Watched {
  readonly target: GoTarget;
  readonly command: LaunchedCommand | undefined;
  readonly startTime: string;
  readonly startedMs: number;
  readonly program: ProgramWatch;
}

export class StopConditions implements Disposable {
  readonly #capture: Capture;
  readonly #limits: StopLimits;
  readonly #handlers: [NodeJS.Signals, () => void][] = [];
  #watched: Watched | undefined;
  #signals: NodeJS.Signals[] = [];
  #reason: string | undefined;
  #lookedMs = 0;

  /** From here on a signal does not end gotape: a command that waits for its probes would wait for ever. */
  constructor(capture: Capture, limits: StopLimits) {
    this.#capture = capture;
    this.#limits = limits;
    for (const name of SIGNALS) {
      const handler = () => this.#onSignal(name);
      this.#handlers.push([name, handler]);
      process.on(name, handler);
    }
  }

  /** Recording begins. What was signalled before takes effect now. */
  watch(target: GoTarget, command: LaunchedCommand | undefined): void {
    const startTime = this.#capture.readProcessState(target.pid)?.startTime ?? '';
    const program = new ProgramWatch(this.#capture, target);
    program.hasChanged();
    this.#watched = { target, command, startTime, startedMs: performance.now(), program };
    // A command of ours is a zombie for a moment, then gone: its exit event tells first.
    void command?.exited.then(
      () => this.#stop(TARGET_EXITED),
      () => this.#stop(TARGET_EXITED),
    );
    const early = this.#signals;
    this.#signals = [];
    for (const name of early) this.#onSignal(name);
  }

  /** Why recording should end now; undefined while it should not. */
  reason(bytesWritten: number): string | undefined {
    const { durationNs, maxBytes } = this.#limits;
    const elapsedMs = performance.now() - (this.#watched?.startedMs ?? 0);
    if (durationNs > 0 && elapsedMs * 1e6 >= durationNs) this.#stop('duration reached');
    if (maxBytes > 0 && bytesWritten >= maxBytes) this.#stop(`size reached (${formatBytes(maxBytes)})`);
    if (elapsedMs - this.#lookedMs > ALIVE_INTERVAL_MS) {
      this.#lookedMs = elapsedMs;
      if (this.#hasExited()) this.#stop(TARGET_EXITED);
      if (this.#watched?.program.hasChanged()) this.#stop(TARGET_REPLACED);
    }
    return this.#reason;
  }

  [Symbol.dispose](): void {
    for (const [name, handler] of this.#handlers) process.off(name, handler);
  }

  #hasExited(): boolean {
    if (this.#watched === undefined) return false;
    const { target, command, startTime } = this.#watched;
    return command === undefined && target.pid !== 0 && !this.#capture.isAlive(target.pid, startTime);
  }

  #stop(reason: string): void {
    this.#reason ??= reason;
  }

  /**
   * A command gets the first signal, and is recorded until it ends; the second one ends the recording. Ctrl-C on a
   * terminal reaches the command by itself: it is not sent twice.
   */
  #onSignal(name: NodeJS.Signals): void {
    this.#signals.push(name);
    if (this.#watched === undefined) return;
    const { command } = this.#watched;
    if (command === undefined || this.#signals.length > 1) {
      this.#stop(name);
      return;
    }
    const reachedCommand = name === 'SIGINT' && process.stdin.isTTY === true;
    if (!reachedCommand) command.signal(name);
  }
}
