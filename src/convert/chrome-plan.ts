/** A look at the trace before it is converted: what the layout of the tracks depends on. */
import type { TraceSource } from '../model/trace-segment.js';
import { NO_P } from '../model/transition-batch.js';

/** From this many goroutines on, one list of all of them helps nobody. */
export const MANY_GOROUTINES = 100;
/** Larger ids are given another track id, so that all track ids fit in 32 bits. */
export const MAX_PLAIN_GOID = 999_999_999;

export type ChromePlan =
  /** One group of tracks for each traced program; opens by itself in Perfetto and shows every goroutine. */
  | { readonly layout: 'by program'; readonly maxGoid: number; readonly maxP: number }
  /** One group for the Ps of a program, and one for each start function. */
  | { readonly layout: 'by function' };

/** Reads all of a trace with few goroutines, and only the beginning of any other. */
export async function planChrome(source: TraceSource): Promise<ChromePlan> {
  let goroutines = 0;
  let maxGoid = 0;
  let maxP = 0;
  for await (const { goroutines: seen, transitions, states = [] } of source.segments()) {
    goroutines += seen.length;
    if (goroutines >= MANY_GOROUTINES) return { layout: 'by function' };
    for (const { goid, p } of states) {
      if (goid > maxGoid && goid <= MAX_PLAIN_GOID) maxGoid = goid;
      if (p > maxP && p !== NO_P) maxP = p;
    }
    for (let row = 0; row < transitions.length; row++) {
      const goid = transitions.goid[row]!;
      const p = transitions.p[row]!;
      if (goid > maxGoid && goid <= MAX_PLAIN_GOID) maxGoid = goid;
      if (p > maxP && p !== NO_P) maxP = p;
    }
  }
  return { layout: 'by program', maxGoid, maxP };
}
