import type { GoroutineDirectory } from '../model/span-sink.js';
import type { GoroutineInfo } from '../model/trace-facts.js';

/** Goroutines by (pid, goid), numbered densely in the order in which the trace mentions them. */
export class GoroutineTable implements GoroutineDirectory {
  get size(): number {
    throw new Error('not written yet');
  }

  pidOf(_goroutine: number): number {
    throw new Error('not written yet');
  }

  goidOf(_goroutine: number): number {
    throw new Error('not written yet');
  }

  infoOf(_goroutine: number): GoroutineInfo | undefined {
    throw new Error('not written yet');
  }
}
