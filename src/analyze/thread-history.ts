/**
 * What the OS did with one thread, as far back as somebody may still ask: to the end of the last span that the thread
 * executed. Spans of one thread do not overlap, so what lies before that is forgotten.
 *
 * Where the thread changed a goroutine's state it was on a CPU: a fact as good as a row. From such a moment to the first
 * row it was on a CPU too; before a row that says it left the CPU as well. Rows that contradict each other (two in a
 * sequence that both say it got the CPU) mean that one between them is missing: that time is unknown.
 */
import { NO_SYSCALL, OsState } from '../model/os-schedule.js';

/** Receives the pieces of a span, in no order that matters. */
export interface PieceSink {
  /**
   * @param state a number of `OsState`, or {@link UNKNOWN_STATE}
   * @param syscall the system call that the thread is in when it leaves the CPU next, or was in when it left it last;
   * {@link NO_SYSCALL} when it is in none, or does not leave the CPU in the whole span.
   */
  add(state: number, syscall: number, ns: number): void;
}

/** Which time counts, and of which is known that nothing is missing. */
export interface CountedTime {
  lengthOf(fromNs: number, toNs: number): number;
  isLost(fromNs: number, toNs: number): boolean;
}

export const UNKNOWN_STATE = -1;

/** Rows kept of one thread. A span with more (C code that sleeps and wakes for minutes) has its oldest added up. */
export const MAXIMUM_ROWS = 8192;

/** How a span's border is known: by a change that the thread made, so that it was on a CPU; or not at all. */
export type Border = 'change' | 'cut';

export class ThreadHistory {
  length = 0;
  timeNs = new Float64Array(16);
  state = new Uint8Array(16);
  syscall = new Int16Array(16);
  readonly #counted: CountedTime;
  /** What lay between row 0 and row 1, when that was more than one piece. */
  #folded: Map<number, number> | undefined;

  constructor(counted: CountedTime) {
    this.#counted = counted;
  }

  add(timeNs: number, state: number, syscall: number): void {
    if (this.length === MAXIMUM_ROWS) this.#fold();
    if (this.length === this.timeNs.length) this.#grow();
    this.timeNs[this.length] = timeNs;
    this.state[this.length] = state;
    this.syscall[this.length++] = syscall;
  }

  /** Tells the pieces of a span; rows outside of it do not count. */
  walk(startNs: number, endNs: number, borders: { start: Border; end: Border }, sink: PieceSink): void {
    let sinceNs = startNs;
    let state: number = borders.start === 'change' ? OsState.onCpu : UNKNOWN_STATE;
    let call = NO_SYSCALL;
    let row = this.#firstAfter(startNs);
    // It began among rows that were added up.
    if (row === 1 && this.#folded !== undefined) {
      this.#tell(UNKNOWN_STATE, NO_SYSCALL, startNs, Math.min(endNs, this.timeNs[1]!), sink);
      if (endNs <= this.timeNs[1]!) return;
      sinceNs = this.timeNs[1]!;
      state = this.state[1]!;
      call = this.syscall[row++]!;
    }
    for (; row < this.length && this.timeNs[row]! < endNs; row++) {
      const next = this.state[row]!;
      const leavesIn = next === OsState.onCpu ? call : this.syscall[row]!;
      if (row === 1 && this.#folded !== undefined) this.#tellFolded(sink);
      else {
        this.#tell(stateBefore(state, next), leavesIn, sinceNs, this.timeNs[row]!, sink);
      }
      call = leavesIn;
      sinceNs = this.timeNs[row]!;
      state = next;
    }
    this.#tell(borders.end === 'change' ? stateBefore(state, LEAVES) : state, call, sinceNs, endNs, sink);
  }

  /** Forgets the rows up to and including `timeNs`. */
  dropUntil(timeNs: number): void {
    const count = this.#firstAfter(timeNs);
    if (count === 0) return;
    this.timeNs.copyWithin(0, count, this.length);
    this.state.copyWithin(0, count, this.length);
    this.syscall.copyWithin(0, count, this.length);
    this.length -= count;
    this.#folded = undefined;
  }

  /** Adds up what lies between the first row and the one in the middle. */
  #fold(): void {
    const middle = this.length >>> 1;
    const folded = this.#folded ?? new Map<number, number>();
    const sink = {
      add: (state: number, syscall: number, ns: number) => {
        const key = keyOf(state, syscall);
        folded.set(key, (folded.get(key) ?? 0) + ns);
      },
    };
    for (let row = this.#folded === undefined ? 1 : 2; row <= middle; row++) {
      const next = this.state[row]!;
      const isIn = next === OsState.onCpu ? this.syscall[row - 1]! : this.syscall[row]!;
      this.#tell(stateBefore(this.state[row - 1]!, next), isIn, this.timeNs[row - 1]!, this.timeNs[row]!, sink);
    }
    for (const column of [this.timeNs, this.state, this.syscall]) column.copyWithin(1, middle, this.length);
    this.length -= middle - 1;
    this.#folded = folded;
  }

  #tellFolded(sink: PieceSink): void {
    for (const [key, ns] of this.#folded ?? []) sink.add(Math.floor(key / SYSCALLS) - 1, (key % SYSCALLS) - 1, ns);
  }

  #tell(state: number, syscall: number, fromNs: number, toNs: number, sink: PieceSink): void {
    const ns = this.#counted.lengthOf(fromNs, toNs);
    if (ns <= 0) return;
    const isLost = this.#counted.isLost(fromNs, toNs);
    sink.add(isLost ? UNKNOWN_STATE : state, isLost ? NO_SYSCALL : syscall, ns);
  }

  /** Index of the first row after a time. */
  #firstAfter(timeNs: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeNs[middle]! <= timeNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #grow(): void {
    const { timeNs, state, syscall } = this;
    this.timeNs = new Float64Array(2 * timeNs.length);
    this.state = new Uint8Array(2 * timeNs.length);
    this.syscall = new Int16Array(2 * timeNs.length);
    this.timeNs.set(timeNs);
    this.state.set(state);
    this.syscall.set(syscall);
  }
}

/** Any state off the CPU. */
const LEAVES = OsState.other;

/** What the thread did before a row, from the row before it and what this one says. */
function stateBefore(state: number, next: number): number {
  const leaves = next !== OsState.onCpu;
  const wasOnCpu = state === OsState.onCpu;
  if (state === UNKNOWN_STATE) return leaves ? OsState.onCpu : UNKNOWN_STATE;
  return leaves === wasOnCpu ? state : UNKNOWN_STATE;
}

/** State and system call, both from -1 on, as one number. */
const SYSCALLS = 65_536;
function keyOf(state: number, syscall: number): number {
  return (state + 1) * SYSCALLS + syscall + 1;
}
