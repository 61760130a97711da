import type { FrameInfo } from '../model/stack.js';
import type { TraceSegment } from '../model/trace-segment.js';
import { NO_STACK } from '../model/transition-batch.js';

/** Below every goroutine's start function; it says nothing. */
const ROOT = 'runtime.goexit';

/** Stacks and frames of a trace as its segments tell them; the first word about an id stands. */
export class StackTable {
  readonly #frames = new Map<number, FrameInfo>();
  readonly #stacks = new Map<number, readonly number[]>();

  add({ frames = [], stacks = [] }: TraceSegment): void {
    for (const frame of frames) if (!this.#frames.has(frame.id)) this.#frames.set(frame.id, frame);
    for (const stack of stacks) if (!this.#stacks.has(stack.id)) this.#stacks.set(stack.id, stack.frames);
  }

  /** The innermost first, without `runtime.goexit`; undefined for no stack, and for one that the trace does not hold. */
  framesOf(stack: number): readonly FrameInfo[] | undefined {
    if (stack === NO_STACK) return undefined;
    const known = this.#stacks.get(stack)?.flatMap((id) => this.#frames.get(id) ?? []);
    const frames = known?.at(-1)?.function === ROOT ? known.slice(0, -1) : known;
    return frames?.length ? frames : undefined;
  }
}
