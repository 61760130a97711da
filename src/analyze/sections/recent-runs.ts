/** What ran on each P lately: the last runs of each, and the one at hand. */
import type { Span } from '../../model/span.js';
import { NO_P } from '../../model/transition-batch.js';

/** Per P. A wait in which more ran on one P is explained only for its end. */
const RUNS_KEPT = 64;
/** More Ps than any machine has: only a hostile trace meets this bound. */
const PS_MAX = 4096;

export interface RunShare {
  readonly goroutine: number;
  readonly ns: number;
}

interface RunsOfP {
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly goroutine: Uint32Array;
  ended: number;
  /** Who runs there now; -1 for nobody. */
  current: number;
  currentSince: number;
}

export class RecentRuns {
  readonly #byP: (RunsOfP | undefined)[] = [];
  #ps = 0;

  /** Ps on which something ran so far. */
  get ps(): number {
    return this.#ps;
  }

  begin({ goroutine, startNs, p }: Span): void {
    if (p === NO_P || p >= PS_MAX) return;
    const runs = this.#of(p);
    runs.current = goroutine;
    runs.currentSince = startNs;
  }

  end({ goroutine, startNs, endNs, p }: Span): void {
    if (p === NO_P || p >= PS_MAX) return;
    const runs = this.#of(p);
    const at = runs.ended++ % RUNS_KEPT;
    runs.startNs[at] = startNs;
    runs.endNs[at] = endNs;
    runs.goroutine[at] = goroutine;
    if (runs.current === goroutine) runs.current = -1;
  }

  /** Who ran in a stretch of time that ends now, but for one; the longest first. */
  within(fromNs: number, toNs: number, except: number): RunShare[] {
    const byGoroutine = new Map<number, number>();
    const add = (goroutine: number, startNs: number, endNs: number) => {
      const ns = Math.min(endNs, toNs) - Math.max(startNs, fromNs);
      if (ns > 0 && goroutine !== except) byGoroutine.set(goroutine, (byGoroutine.get(goroutine) ?? 0) + ns);
    };
    for (const runs of this.#byP) {
      if (runs === undefined) continue;
      if (runs.current >= 0) add(runs.current, runs.currentSince, toNs);
      const oldest = Math.max(0, runs.ended - RUNS_KEPT);
      for (let run = runs.ended - 1; run >= oldest; run--) {
        const at = run % RUNS_KEPT;
        if (runs.endNs[at]! <= fromNs) break;
        add(runs.goroutine[at]!, runs.startNs[at]!, runs.endNs[at]!);
      }
    }
    return [...byGoroutine].map(([goroutine, ns]) => ({ goroutine, ns })).sort((a, b) => b.ns - a.ns);
  }

  #of(p: number): RunsOfP {
    const known = this.#byP[p];
    if (known !== undefined) return known;
    this.#ps++;
    const runs: RunsOfP = {
      startNs: new Float64Array(RUNS_KEPT),
      endNs: new Float64Array(RUNS_KEPT),
      goroutine: new Uint32Array(RUNS_KEPT),
      ended: 0,
      current: -1,
      currentSince: 0,
    };
    this.#byP[p] = runs;
    return runs;
  }
}
