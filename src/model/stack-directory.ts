import type { FrameInfo } from './stack.js';

/** Stacks by id, for those who do not read the trace themselves. */
export interface StackDirectory {
  /** The innermost first; empty for a stack that the trace does not tell. */
  framesOf(stack: number): readonly FrameInfo[];
  isTruncated(stack: number): boolean;
}
