/** Where goroutines were when they began to wait: stacks and their frames, each told once per trace. */

/** One frame of a stack: a place in the source. Inlined calls are frames of their own. */
export interface FrameInfo {
  /** Unique in the trace, from 1. */
  readonly id: number;
  /** Function as Go prints it: `main.(*Server).serve`; empty when unknown. */
  readonly function: string;
  /** Source file as the linker wrote it; empty when unknown. */
  readonly file: string;
  /** Line of the call (of the innermost frame: of the instruction); 0 when unknown. */
  readonly line: number;
  /** True when this function's body was inlined into the frame that follows it in the stack. */
  readonly inlined: boolean;
}

/** A stack that transitions name by `id` (see `TransitionBatch.stack`). */
export interface StackInfo {
  /** Unique in the trace, from 1; 0 is {@link NO_STACK}. */
  readonly id: number;
  /** Ids of frames, the innermost first. */
  readonly frames: readonly number[];
  /** True when its root (`runtime.goexit`, or where the goroutine begins) was not reached. */
  readonly truncated: boolean;
}
