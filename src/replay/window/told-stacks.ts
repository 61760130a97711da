import type { FrameInfo, StackInfo } from '../../model/stack.js';
import type { SegmentDetails } from '../../model/trace-segment.js';
import { NO_STACK, type TransitionBatch } from '../../model/transition-batch.js';

/** Which stacks of a trace its cut names: those are told, once, with their frames, and no others. */
export class ToldStacks {
  readonly #frames = new Map<number, FrameInfo>();
  readonly #stacks = new Map<number, StackInfo>();
  readonly #usedFrames = new Set<number>();
  readonly #usedStacks = new Set<number>();
  #newFrames: FrameInfo[] = [];
  #newStacks: StackInfo[] = [];

  /** Takes what the trace tells; what the cut named before is told now. Of an id that is told twice the first counts. */
  learn({ frames = [], stacks = [] }: SegmentDetails): void {
    for (const frame of frames) {
      if (this.#frames.has(frame.id)) continue;
      this.#frames.set(frame.id, frame);
      if (this.#usedFrames.has(frame.id)) this.#newFrames.push(frame);
    }
    for (const stack of stacks) {
      if (this.#stacks.has(stack.id)) continue;
      this.#stacks.set(stack.id, stack);
      if (this.#usedStacks.has(stack.id)) this.#tell(stack);
    }
  }

  /** The cut names the stacks of these rows. */
  useRows({ stack, length }: TransitionBatch): void {
    for (let row = 0; row < length; row++) if (stack[row] !== NO_STACK) this.use(stack[row]!);
  }

  use(stack: number): void {
    if (stack === NO_STACK || this.#usedStacks.has(stack)) return;
    this.#usedStacks.add(stack);
    const info = this.#stacks.get(stack);
    if (info !== undefined) this.#tell(info);
  }

  /** What has to be told, and was not handed over yet. */
  take(): Pick<SegmentDetails, 'frames' | 'stacks'> {
    const [frames, stacks] = [this.#newFrames, this.#newStacks];
    this.#newFrames = [];
    this.#newStacks = [];
    return { ...(frames.length > 0 ? { frames } : {}), ...(stacks.length > 0 ? { stacks } : {}) };
  }

  #tell(info: StackInfo): void {
    this.#newStacks.push(info);
    for (const id of info.frames) {
      if (this.#usedFrames.has(id)) continue;
      this.#usedFrames.add(id);
      const frame = this.#frames.get(id);
      if (frame !== undefined) this.#newFrames.push(frame);
    }
  }
}
