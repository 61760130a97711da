import type { FrameInfo, StackInfo } from '../model/stack.js';
import type { SegmentDetails } from '../model/trace-segment.js';

const NONE: readonly FrameInfo[] = [];

/**
 * The stacks of a trace by id. Give it every segment before the rows of that segment; memory grows with the different
 * stacks and frames of a trace, not with its rows.
 */
export class StackTable {
  readonly #frames = new Map<number, FrameInfo>();
  readonly #stacks = new Map<number, StackInfo>();
  /** Of the stacks that were asked for, where all of their frames were known. */
  readonly #resolved = new Map<number, readonly FrameInfo[]>();

  /** Stacks that are known. */
  get size(): number {
    return this.#stacks.size;
  }

  /** Takes what a segment tells. Of an id that is told twice the first counts. */
  add({ frames = [], stacks = [] }: SegmentDetails): void {
    for (const frame of frames) if (!this.#frames.has(frame.id)) this.#frames.set(frame.id, frame);
    for (const stack of stacks) if (!this.#stacks.has(stack.id)) this.#stacks.set(stack.id, stack);
  }

  /**
   * Frames of a stack, the innermost first; the same array each time. Empty for {@link NO_STACK} and for a stack that was
   * not told; frames that were not told are left out.
   */
  framesOf(stack: number): readonly FrameInfo[] {
    const known = this.#resolved.get(stack);
    if (known !== undefined) return known;
    const info = this.#stacks.get(stack);
    if (info === undefined) return NONE;
    const frames = info.frames.flatMap((id) => this.#frames.get(id) ?? []);
    if (frames.length === info.frames.length) this.#resolved.set(stack, frames);
    return frames;
  }

  /** True when the stack's root is missing, or one of its frames. */
  isTruncated(stack: number): boolean {
    const info = this.#stacks.get(stack);
    return info !== undefined && (info.truncated || this.framesOf(stack).length < info.frames.length);
  }
}
