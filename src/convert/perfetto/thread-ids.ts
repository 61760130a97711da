/**
 * Numbers of processes and threads in the native layout. The UI shows them behind names, so a thread has its goroutine's id
 * where it can. The UI reads 32 bits, takes process 2 (not thread 2) for the kernel's and a thread with its process' number for
 * the main one.
 */

/** The UI takes the colour of a process from its number: these are 18 colours, neighbours unlike each other. */
const COLOURFUL_PIDS = [
  108, 102, 132, 213, 116, 203, 158, 104, 126, 113, 217, 201, 227, 205, 207, 209, 211, 101,
] as const;
const FIRST_FURTHER_PID = 300;
const MAX_PLAIN_GOID = 999_999_999;
const FIRST_SPARE_TID = 1_000_000_000;

export class ThreadIds {
  readonly #used = new Set<number>([0]);
  #colours = 0;
  #furtherPid = FIRST_FURTHER_PID;
  #spareTid = FIRST_SPARE_TID;

  nextPid(): number {
    for (;;) {
      const pid = COLOURFUL_PIDS[this.#colours++] ?? this.#furtherPid++;
      if (this.#claim(pid)) return pid;
    }
  }

  /** `goid`, or a number from a thousand million on. */
  tidOf(goid: number): number {
    if (goid > 0 && goid <= MAX_PLAIN_GOID && this.#claim(goid)) return goid;
    this.#used.add(this.#spareTid);
    return this.#spareTid++;
  }

  #claim(id: number): boolean {
    if (this.#used.has(id)) return false;
    this.#used.add(id);
    return true;
  }
}
