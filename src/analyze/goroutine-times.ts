import { SpanKind } from '../model/span.js';
import type { StartFunctionTimes } from './analysis.js';

/** Places in a row of times: the kinds of spans, and the system-stack part of running. */
export const SYSTEM_STACK = 7;
const ROW = 8;

export type PlainTimes = Omit<StartFunctionTimes, 'startFunction' | 'goroutines'>;

/** Time by state of every goroutine: eight float64 each, all that the analysis keeps per goroutine. */
export class GoroutineTimes {
  private values = new Float64Array(64 * ROW);

  /** Makes room for a goroutine; must come before {@link add}. */
  reserve(goroutine: number): void {
    const needed = (goroutine + 1) * ROW;
    if (needed <= this.values.length) return;
    const old = this.values;
    this.values = new Float64Array(Math.max(needed, old.length * 2));
    this.values.set(old);
  }

  add(goroutine: number, place: number, ns: number): void {
    const at = (goroutine << 3) + place;
    this.values[at] = this.values[at]! + ns;
  }

  get(goroutine: number, place: number): number {
    return this.values[(goroutine << 3) + place] ?? 0;
  }

  lifetime(goroutine: number): number {
    let sum = 0;
    for (let place = 0; place < SYSTEM_STACK; place++) sum += this.get(goroutine, place);
    return sum;
  }

  /** Adds a goroutine's row to a row of sums. */
  addTo(sums: Float64Array, goroutine: number): void {
    for (let place = 0; place < ROW; place++) sums[place] = sums[place]! + this.get(goroutine, place);
  }
}

export function newSums(): Float64Array {
  return new Float64Array(ROW);
}

/** A row of sums under the names that Go uses. */
export function namedTimes(sums: Float64Array): PlainTimes {
  return {
    totalNs: sums.subarray(0, SYSTEM_STACK).reduce((sum, ns) => sum + ns, 0),
    executionNs: sums[SpanKind.running]!,
    systemStackNs: sums[SYSTEM_STACK]!,
    schedWaitNs: sums[SpanKind.runnable]!,
    blockNs: sums[SpanKind.waiting]!,
    syscallNs: sums[SpanKind.syscall]!,
    preemptedNs: sums[SpanKind.preempted]!,
    unseenNs: sums[SpanKind.unseen]!,
    unknownNs: sums[SpanKind.unknown]!,
  };
}
