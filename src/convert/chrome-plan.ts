/** A look at the trace before it is converted: what the layout of the tracks depends on. */
import type { GoroutineInfo } from '../model/trace-facts.js';
import type { TraceSegment, TraceSource } from '../model/trace-segment.js';
import { NO_P } from '../model/transition-batch.js';
import { CallBorders } from './call-borders.js';

/** From this many goroutines on, one list of all of them helps nobody. */
export const MANY_GOROUTINES = 100;
/** Larger ids are given another track id, so that all track ids fit in 32 bits. */
export const MAX_PLAIN_GOID = 999_999_999;
/** A function with more goroutines than these shows them in lanes. */
export const OWN_TRACKS_MAX = 24;
/** Perfetto's UI stays fluent up to 2,000 tracks; lanes, Ps and counters need room too. */
const OWN_TRACKS_BUDGET = 1200;
/** Start functions with a process of their own; the others share one. */
const OWN_PROCESSES_MAX = 400;

export type ChromeLayout = 'by program' | 'by function';

export interface ChromePlan {
  /**
   * `by program`: one group of tracks for each traced program; opens by itself in Perfetto and shows every goroutine.
   * `by function`: one group for the Ps of a program, and one for each start function.
   */
  readonly layout: ChromeLayout;
  readonly maxGoid: number;
  readonly maxP: number;
  /** Start functions, as {@link functionKey} says them, whose goroutines have a track each. Only of `by function`. */
  readonly ownTracks: ReadonlySet<string>;
  /** Start functions with a process of their own. Only of `by function`. */
  readonly ownProcess: ReadonlySet<string>;
  readonly calls: CallBorders;
}

export function functionKey(pid: number, startFunction: string): string {
  return `${pid} ${startFunction}`;
}

/** Reads all of a trace. @param layout undefined: as fits the number of goroutines */
export async function planChrome(source: TraceSource, layout?: ChromeLayout): Promise<ChromePlan> {
  const survey = new Survey();
  for await (const segment of source.segments()) survey.segment(segment);
  return survey.plan(layout);
}

class Survey {
  readonly #countByFunction = new Map<string, number>();
  readonly #calls = new CallBorders();
  #goroutines = 0;
  #maxGoid = 0;
  #maxP = 0;

  segment({ goroutines, transitions, states = [], calls = [] }: TraceSegment): void {
    for (const info of goroutines) this.#goroutine(info);
    for (const call of calls) this.#calls.add(call);
    for (const { goid, p } of states) this.#ids(goid, p);
    // Track ids depend on goroutine ids only where all of them are in one list.
    if (this.#goroutines >= MANY_GOROUTINES) return;
    for (let row = 0; row < transitions.length; row++) this.#ids(transitions.goid[row]!, transitions.p[row]!);
  }

  plan(wanted: ChromeLayout | undefined): ChromePlan {
    const layout = wanted ?? (this.#goroutines >= MANY_GOROUTINES ? 'by function' : 'by program');
    const counts = [...this.#countByFunction].toSorted(([, a], [, b]) => a - b);
    return {
      layout,
      maxGoid: this.#maxGoid,
      maxP: this.#maxP,
      ownTracks: ownTracksOf(counts),
      ownProcess: new Set(counts.slice(-OWN_PROCESSES_MAX).map(([key]) => key)),
      calls: this.#calls,
    };
  }

  #goroutine({ pid, goid, startFunction, origin }: GoroutineInfo): void {
    if (goid === 0 || origin === 'referred' || origin === 'relabelled') return;
    const key = functionKey(pid, startFunction);
    this.#countByFunction.set(key, (this.#countByFunction.get(key) ?? 0) + 1);
    this.#goroutines++;
    if (goid > this.#maxGoid && goid <= MAX_PLAIN_GOID) this.#maxGoid = goid;
  }

  #ids(goid: number, p: number): void {
    if (goid > this.#maxGoid && goid <= MAX_PLAIN_GOID) this.#maxGoid = goid;
    if (p > this.#maxP && p !== NO_P) this.#maxP = p;
  }
}

/** Functions with few goroutines come first. */
function ownTracksOf(ascending: readonly (readonly [key: string, count: number])[]): Set<string> {
  const own = new Set<string>();
  let tracks = 0;
  for (const [key, count] of ascending) {
    tracks += count;
    if (count > OWN_TRACKS_MAX || tracks > OWN_TRACKS_BUDGET) break;
    own.add(key);
  }
  return own;
}
