/**
 * Entries and returns → calls, with a stack of open calls per goroutine. A frame is known by its depth: bytes from the
 * high end of its stack to where SP stood at entry, which stays the same when Go moves the stack.
 *
 * - A return belongs to the open call of its depth; what is deeper has been left without a return.
 * - An entry at the depth of an open call, or above it, means that this call is gone.
 * - A recovered panic and the end of a goroutine say at once which frames are gone.
 * - Where events were lost, what overlaps that time has an unknown end: its return may have been lost, and the return that
 *   seems to be its own may be that of a later call in its place.
 */
import type { CallInfo, CallOutcome } from '../../model/call.js';

/** Who made an event, and where its frame is. */
export interface FrameEvent {
  readonly timeNs: number;
  readonly pid: number;
  /** Address of the runtime.g. */
  readonly g: number;
  readonly goid: number;
  readonly depth: number;
}

interface OpenCall {
  readonly pid: number;
  readonly goid: number;
  readonly tid: number;
  readonly function: string;
  readonly startNs: number;
  readonly level: number;
  readonly arguments: string;
  /** Of its frame. */
  readonly depth: number;
  /** Events were lost while it was open: it has been told as `unknown`, and stays only to tell what is deeper. */
  isTold: boolean;
}

export interface LostRange {
  readonly fromNs: number;
  readonly toNs: number;
}

export class CallStacks {
  readonly #stacks = new Map<number, Map<number, OpenCall[]>>();
  /** In order of their ends. A recorder that is starved falls behind: there may be many. */
  #ended: CallInfo[] = [];
  #takenNs = 0;

  /** @param call of whoever enters */
  enter(at: FrameEvent, call: { readonly function: string; readonly tid: number; readonly arguments: string }): void {
    const stack = this.#stackOf(at);
    this.#leaveWhere(stack, at.timeNs, (open) => open.depth >= at.depth || open.goid !== at.goid);
    const { pid, goid, depth, timeNs: startNs } = at;
    const { function: name, tid, arguments: text } = call;
    const level = stack.length;
    stack.push({ pid, goid, tid, function: name, startNs, level, arguments: text, depth, isTold: false });
  }

  /** Calls of the function that began before recording have no entry: their return is nobody's. */
  leave(at: FrameEvent, functionName: string): void {
    const stack = this.#stackOf(at);
    this.#leaveWhere(stack, at.timeNs, (open) => open.depth > at.depth || open.goid !== at.goid);
    const call = stack.at(-1);
    if (call?.depth !== at.depth) return;
    stack.pop();
    const outcome = call.function === functionName ? 'returned' : 'unwound';
    this.#end(call, at.timeNs, outcome);
  }

  /** A panic was recovered: the goroutine goes on in the frame that holds `depth`, all deeper ones are gone. */
  recovered(at: FrameEvent): void {
    this.#leaveWhere(this.#stackOf(at), at.timeNs, (open) => open.depth > at.depth);
  }

  /** The goroutine has ended. */
  goexit(at: FrameEvent): void {
    this.#leaveWhere(this.#stackOf(at), at.timeNs, () => true);
    this.#stacks.get(at.pid)?.delete(at.g);
  }

  /** Events were lost: what is told later of calls that were open then cannot be believed. */
  lost({ fromNs, toNs }: LostRange): void {
    for (const call of this.#open()) {
      if (call.startNs > toNs) continue;
      this.#end(call, Math.max(call.startNs, fromNs), 'unknown');
      call.isTold = true;
    }
    this.#ended = this.#ended.map((call) => {
      const overlaps = call.startNs <= toNs && call.endNs >= fromNs;
      return overlaps ? { ...call, endNs: Math.max(call.startNs, fromNs), outcome: 'unknown' } : call;
    });
    this.#ended.sort(byEnd);
  }

  /** Recording ends: what is open stays unfinished. */
  finish(endNs: number): void {
    for (const call of this.#open()) this.#end(call, Math.max(call.startNs, endNs), 'unfinished');
    this.#stacks.clear();
  }

  /** Calls that ended up to a time and were not taken before, in order of their end. */
  take(untilNs: number): CallInfo[] {
    const count = this.#countUntil(untilNs);
    const taken = this.#ended.slice(0, count);
    this.#ended = this.#ended.slice(count);
    this.#takenNs = untilNs;
    return taken;
  }

  /** Open calls, for memory and tests. */
  get openCalls(): number {
    return [...this.#open()].length;
  }

  *#open(): Generator<OpenCall> {
    for (const ofProcess of this.#stacks.values()) for (const stack of ofProcess.values()) yield* stack;
  }

  #stackOf({ pid, g }: FrameEvent): OpenCall[] {
    const ofProcess = this.#stacks.get(pid) ?? new Map<number, OpenCall[]>();
    const stack = ofProcess.get(g) ?? [];
    if (stack.length === 0) {
      this.#stacks.set(pid, ofProcess);
      ofProcess.set(g, stack);
    }
    return stack;
  }

  #leaveWhere(stack: OpenCall[], timeNs: number, isGone: (open: OpenCall) => boolean): void {
    for (let call = stack.at(-1); call !== undefined && isGone(call); call = stack.at(-1)) {
      stack.pop();
      this.#end(call, timeNs, 'unwound');
    }
  }

  #end(call: OpenCall, endNs: number, outcome: CallOutcome): void {
    if (call.isTold) return;
    // Field by field: copying the rest of an object takes ten times as long, here once per call.
    this.#insert({
      pid: call.pid,
      goid: call.goid,
      tid: call.tid,
      function: call.function,
      startNs: call.startNs,
      // What comes so late that later calls were handed over already: its time is raised, so that none runs backwards.
      endNs: Math.max(endNs, this.#takenNs),
      depth: call.level,
      outcome,
      arguments: call.arguments,
    });
  }

  /** Events come in the order of their times, but for those that were overtaken while they were written. */
  #insert(call: CallInfo): void {
    const ended = this.#ended;
    let at = ended.length;
    ended.push(call);
    for (; at > 0 && byEnd(ended[at - 1]!, call) > 0; at--) ended[at] = ended[at - 1]!;
    ended[at] = call;
  }

  #countUntil(untilNs: number): number {
    let [low, high] = [0, this.#ended.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ended[middle]!.endNs <= untilNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Calls that end at once: the inner first. */
function byEnd(a: CallInfo, b: CallInfo): number {
  return a.endNs - b.endNs || b.depth - a.depth;
}
