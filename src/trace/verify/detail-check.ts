/** Stacks, calls and OS schedules: is everything that is named told, and everything in order? (docs/format.md) */
import type { CallInfo } from '../../model/call.js';
import type { OsScheduleBatch } from '../../model/os-schedule.js';
import type { FrameInfo, StackInfo } from '../../model/stack.js';
import { NO_STACK } from '../../model/transition-batch.js';
import type { FactProblem } from './fact-check.js';

export interface DetailCounts {
  readonly stacks: number;
  readonly calls: number;
  /** Changes of threads. */
  readonly osChanges: number;
  /** Stacks and frames that are named before they are told, or never are. */
  readonly untold: number;
}

/** Ask for the problems of a table first; then add it, or leave it out. */
export class DetailCheck {
  readonly #frames = new Set<number>();
  readonly #stacks = new Set<number>();
  readonly #untold = new Set<string>();
  /** End of the last call of each goroutine and depth. */
  readonly #ends = new Map<string, number>();
  #calls = 0;
  #osChanges = 0;
  #lastCallNs = 0;
  #lastOsNs = 0;

  get counts(): DetailCounts {
    return { stacks: this.#stacks.size, calls: this.#calls, osChanges: this.#osChanges, untold: this.#untold.size };
  }

  frameProblems(frames: readonly FrameInfo[]): FactProblem[] {
    return idProblems('frame', frames, this.#frames);
  }

  addFrames(frames: readonly FrameInfo[]): void {
    for (const { id } of frames) this.#frames.add(id);
  }

  stackProblems(stacks: readonly StackInfo[]): FactProblem[] {
    return idProblems('stack', stacks, this.#stacks);
  }

  /** Returns frames that were not told before, each once. */
  addStacks(stacks: readonly StackInfo[]): FactProblem[] {
    for (const { id } of stacks) this.#stacks.add(id);
    return stacks.flatMap(({ frames }, row) => frames.flatMap((id) => this.#use('frame', id, this.#frames, row)));
  }

  /** The same of stacks that rows of transitions or states name. */
  useStacks(ids: ArrayLike<number>, length: number): FactProblem[] {
    const problems: FactProblem[] = [];
    for (let row = 0; row < length; row++) {
      const id = ids[row]!;
      if (id !== NO_STACK && !this.#stacks.has(id)) problems.push(...this.#use('stack', id, this.#stacks, row));
    }
    return problems;
  }

  callProblems(calls: readonly CallInfo[], limitNs: number): FactProblem[] {
    const problems: FactProblem[] = [];
    const ends = new Map<string, number>();
    let lastNs = this.#lastCallNs;
    for (const [row, call] of calls.entries()) {
      const { goid, startNs, endNs, depth } = call;
      const add = (found: string, expected: string) => problems.push({ row, found, expected });
      if (!(endNs >= lastNs && endNs <= limitNs)) add(`a call that ends at ${endNs} ns`, `${lastNs} to ${limitNs} ns`);
      if (!(goid >= 0 && Number.isSafeInteger(goid))) add(`a call of goroutine ${goid}`, 'an id, or 0');
      lastNs = Math.max(lastNs, endNs);
      if (!isNested(call)) continue;
      const key = lifeKey(call);
      const before = ends.get(key) ?? this.#ends.get(key) ?? 0;
      if (startNs < before)
        add(`a call from ${startNs} ns`, `one of depth ${depth} after ${before} ns, where the last ends`);
      ends.set(key, endNs);
    }
    return problems;
  }

  addCalls(calls: readonly CallInfo[]): void {
    this.#calls += calls.length;
    this.#lastCallNs = Math.max(this.#lastCallNs, calls.at(-1)?.endNs ?? 0);
    for (const call of calls) if (isNested(call)) this.#ends.set(lifeKey(call), call.endNs);
  }

  scheduleProblems({ length, timeNs, tid }: OsScheduleBatch, limitNs: number): FactProblem[] {
    const problems: FactProblem[] = [];
    let lastNs = this.#lastOsNs;
    for (let row = 0; row < length; row++) {
      const time = timeNs[row]!;
      if (!(time >= lastNs && time <= limitNs))
        problems.push({ row, found: `${time} ns`, expected: `${lastNs} to ${limitNs} ns` });
      if (tid[row] === 0) problems.push({ row, found: 'thread 0', expected: 'an id above 0' });
      lastNs = Math.max(lastNs, time);
    }
    return problems;
  }

  addSchedule({ length, timeNs }: OsScheduleBatch): void {
    this.#osChanges += length;
    if (length > 0) this.#lastOsNs = Math.max(this.#lastOsNs, timeNs[length - 1]!);
  }

  #use(what: string, id: number, told: ReadonlySet<number>, row: number): FactProblem[] {
    const key = `${what} ${id}`;
    if (told.has(id) || this.#untold.has(key)) return [];
    this.#untold.add(key);
    return [{ row, found: key, expected: 'one that was told before' }];
  }
}

function idProblems(what: string, items: readonly { readonly id: number }[], told: ReadonlySet<number>): FactProblem[] {
  const own = new Set<number>();
  return items.flatMap(({ id }, row) => {
    const isTwice = told.has(id) || own.has(id);
    own.add(id);
    if (id === 0) return [{ row, found: `${what} 0`, expected: 'an id above 0' }];
    return isTwice ? [{ row, found: `${what} ${id} a second time`, expected: 'each once' }] : [];
  });
}

/** Where the end of a call is known, calls of one goroutine and depth follow one another. */
function isNested({ goid, outcome }: CallInfo): boolean {
  return goid !== 0 && (outcome === 'returned' || outcome === 'unwound');
}

function lifeKey({ pid, goid, depth }: CallInfo): string {
  return `${pid} ${goid} ${depth}`;
}
