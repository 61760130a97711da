/** One section of an analysis while the trace is read. */
import type { Span } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { StackDirectory } from '../model/stack-directory.js';
import type { TraceFacts } from '../model/trace-facts.js';
import type { TraceSegment } from '../model/trace-segment.js';
import type { TraceWindow } from '../model/trace-window.js';
import type { Part } from './duration-tally.js';

/**
 * What a section wants to know; the calls are those of `SpanSink`. Of a window only what touches it is told, and births
 * before it are none. Whoever adds up what happens between calls of `opened` keeps to the window itself.
 */
export interface Collector {
  /** Before the rows of the segment. */
  segment?(segment: TraceSegment): void;
  begin?(goroutine: number, timeNs: number, created: boolean): void;
  opened?(span: Span): void;
  /** Also of a window as it is, before {@link span}; who wants this keeps to the window itself. */
  wholeSpan?(span: Span): void;
  /** It ends with the window at the latest. */
  span?(span: Span, part: Part): void;
  systemStack?(span: Span, part: Part): void;
  end?(goroutine: number, timeNs: number): void;
  /** Before the last spans, those that the end of the trace cuts off. */
  finish?(endNs: number): void;
}

export interface CollectorInput {
  readonly facts: TraceFacts;
  readonly goroutines: GoroutineDirectory;
  /** Grows. */
  readonly reasons: readonly string[];
  readonly stacks: StackDirectory;
  /** `[0, infinity)` when all of the trace counts. */
  readonly window: TraceWindow;
  /** Length of lists. */
  readonly top: number;
}
