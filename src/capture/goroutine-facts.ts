/** Who the recorded goroutines are: rows for the trace, collected until the next segment is written. */
import type { GoExecutable } from '../goexe/go-executable.js';
import type { GoroutineInfo, Label } from '../model/trace-facts.js';
import type { Creation } from './pending-creations.js';
import { biasByFirstGoroutine, ProcessSymbols } from './process-symbols.js';

/** Between the pids of programs that one process executes one after another; no pid of Linux is as large. */
export const NEXT_PROGRAM = 10_000_000;

export class GoroutineFacts implements Disposable {
  readonly #exe: GoExecutable;
  readonly #symbols = new Map<number, ProcessSymbols>();
  #rows: GoroutineInfo[] = [];

  constructor(exe: GoExecutable) {
    this.#exe = exe;
  }

  /** Rows that were not taken yet. */
  get count(): number {
    return this.#rows.length;
  }

  created(pid: number, goid: number, { timeNs, startPc, goPc, parentGoid, labels }: Creation): void {
    const names = this.symbolsOf(pid).originOf(startPc, goPc);
    this.#rows.push({ pid, goid, firstSeenNs: timeNs, origin: 'created', parentGoid, ...names, ...optional(labels) });
  }

  /** @param g address of its runtime.g, which tells the rest as long as it lives */
  found(pid: number, goid: number, timeNs: number, g: number): void {
    const { parentGoid, labels, ...names } = this.symbolsOf(pid).originInMemory(g, goid);
    this.#rows.push({ pid, goid, firstSeenNs: timeNs, origin: 'found', parentGoid, ...names, ...optional(labels) });
  }

  /**
   * A goroutine that no other made: where it is the first one of a program and its process was recorded already, that has
   * executed the program anew. Returns its pid from here on; undefined when there is nothing new.
   */
  programBegins(pid: number, startPc: number, goPc: number): number | undefined {
    if (!this.#symbols.has(pid) || biasByFirstGoroutine(this.#exe, startPc, goPc) === undefined) return undefined;
    let next = pid;
    while (this.#symbols.has(next)) next += NEXT_PROGRAM;
    return next;
  }

  relabelled(pid: number, goid: number, timeNs: number, labels: readonly Label[]): void {
    const unsaid = { parentGoid: 0, startFunction: '', createdBy: '' };
    this.#rows.push({ pid, goid, firstSeenNs: timeNs, origin: 'relabelled', ...unsaid, ...optional(labels) });
  }

  /** Hands the rows over. */
  take(): readonly GoroutineInfo[] {
    return this.#rows.splice(0);
  }

  symbolsOf(pid: number): ProcessSymbols {
    let symbols = this.#symbols.get(pid);
    if (symbols === undefined) {
      symbols = new ProcessSymbols(this.#exe, pid % NEXT_PROGRAM);
      this.#symbols.set(pid, symbols);
    }
    return symbols;
  }

  [Symbol.dispose](): void {
    for (const symbols of this.#symbols.values()) symbols[Symbol.dispose]();
  }
}

/** The number of goroutines that rows tell of: a relabelled one was told before. */
export function countGoroutines(rows: readonly GoroutineInfo[]): number {
  return rows.filter(({ origin }) => origin !== 'relabelled').length;
}

function optional(labels: readonly Label[] | undefined): { labels?: readonly Label[] } {
  return labels === undefined || labels.length === 0 ? {} : { labels };
}
