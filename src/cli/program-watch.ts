/** Does a process still run the program that is recorded? Its pid stays the same when it executes another. */
import type { GoTarget, ProgramIdentity } from '../capture/index.js';
import type { Capture } from './record-target.js';

export class ProgramWatch {
  readonly #capture: Capture;
  readonly #pid: number;
  readonly #file: string | undefined;
  #first: ProgramIdentity | undefined;

  constructor(capture: Capture, target: GoTarget) {
    this.#capture = capture;
    this.#pid = target.pid;
    this.#file = capture.readFileIdentity(target.path);
  }

  /** True once the program was there and is no more. A command of ours is a shell before it is the program. */
  hasChanged(): boolean {
    if (this.#pid === 0) return false;
    const now = this.#capture.readProgramIdentity(this.#pid);
    // A process that ends has no executable: that is told elsewhere.
    if (now === undefined) return false;
    if (this.#first === undefined) {
      if (now.file === this.#file) this.#first = now;
      return false;
    }
    return now.file !== this.#first.file || now.stack !== this.#first.stack;
  }
}
