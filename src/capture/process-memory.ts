import { closeSync, openSync, readSync } from 'node:fs';

/** The memory of a process, as /proc/PID/mem shows it. It may vanish at any time: then nothing can be read. */
export class ProcessMemory implements Disposable {
  readonly #file: number | undefined;

  constructor(pid: number) {
    this.#file = open(pid);
  }

  /** `length` bytes at an address; undefined when the process has ended, or a page is not there. */
  read(address: number, length: number): Buffer | undefined {
    if (this.#file === undefined) return undefined;
    const bytes = Buffer.alloc(length);
    try {
      return readSync(this.#file, bytes, 0, length, address) === length ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

function open(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return undefined;
  }
}
