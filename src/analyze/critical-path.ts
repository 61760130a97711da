/**
 * The critical path of a goroutine: walking back from its end, what it did; where it waited and another goroutine woke it,
 * what that one did until then; where it was created, what its creator did; and so on to the start.
 *
 * Found while reading forward, so that the file is read once. Every goroutine carries the path to where it is now:
 *
 * 1. When it runs on, or waits for a P, that is added to its path.
 * 2. When goroutine W wakes X (or creates it), X's path becomes a copy of W's, up to this moment: what X did before and the
 *    wait itself are off the path. X's time as runnable follows.
 * 3. When a timer, the network or nobody who is known wakes X, the wait stays on its path.
 *
 * A path is kept as sums by start function and state, and as its last steps: memory is goroutines × (different sums +
 * 8 × steps kept), whatever the length of the trace. Steps are shared lists, cut when many have gathered.
 */

import { matchesGlob } from '../base/glob.js';
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../model/span.js';
import type { Collector, CollectorInput } from './collector.js';
import { nameOf } from './extremes.js';
import type { CriticalPath, PathShare, PathStep } from './findings.js';
import { byStartFunction, GoroutineGroups } from './goroutine-groups.js';
import { type Path, PathSteps } from './path-steps.js';
import { GoroutineIds } from './sections/goroutine-ids.js';
import { compareTexts, topOf } from './top-of.js';

const STEPS_SHOWN = 200;
const GROUPS = 2 ** 20;

/** A goroutine as it is now. */
interface Runner {
  path: Path;
  kind: number;
  reason: number;
  sinceNs: number;
}

export class CriticalPathFinder implements Collector {
  readonly #input: CollectorInput;
  readonly #of: string;
  readonly #groups: GoroutineGroups;
  readonly #ids: GoroutineIds;
  readonly #steps = new PathSteps(STEPS_SHOWN);
  readonly #runners: (Runner | undefined)[] = [];
  readonly #shares = new Map<number, number>();
  #totalNs = 0;
  #ended = 0;
  #longest: { readonly goroutine: number; readonly path: Path; readonly endNs: number } | undefined;

  /** @param of a goroutine's id, or a pattern of start functions */
  constructor(input: CollectorInput, of: string) {
    this.#input = input;
    this.#of = of;
    this.#groups = new GoroutineGroups(input.goroutines, byStartFunction);
    this.#ids = new GoroutineIds(input.goroutines);
  }

  segment(): void {
    if (!this.#steps.isFull) return;
    const paths = this.#runners.flatMap((runner) => (runner === undefined ? [] : [runner.path]));
    this.#steps.cut(this.#longest === undefined ? paths : [...paths, this.#longest.path]);
  }

  begin(goroutine: number, timeNs: number): void {
    this.#runners[goroutine] = {
      path: this.#steps.emptyPath(timeNs),
      kind: SpanKind.unknown,
      reason: 0,
      sinceNs: timeNs,
    };
  }

  opened(span: Span): void {
    const { goroutine, kind, reason } = span;
    const runner = this.#runners[goroutine];
    if (runner === undefined) return;
    const nowNs = Math.max(span.startNs, this.#input.window.fromNs);
    const isWoken = kind === SpanKind.runnable && (runner.kind === SpanKind.waiting || runner.path.length === 0);
    const waker = isWoken ? this.#wakerOf(span) : undefined;
    if (waker === undefined) this.#add(runner.path, goroutine, runner, nowNs);
    else {
      runner.path = this.#steps.copyOf(waker.runner.path);
      this.#add(runner.path, waker.goroutine, waker.runner, nowNs);
    }
    runner.kind = kind;
    runner.reason = reason;
    runner.sinceNs = nowNs;
  }

  /** A change was missed: what the goroutine did is known up to there only. */
  span({ goroutine, kind, startNs }: Span): void {
    const runner = kind === SpanKind.unseen ? this.#runners[goroutine] : undefined;
    if (runner === undefined) return;
    const fromNs = Math.max(startNs, runner.sinceNs);
    this.#add(runner.path, goroutine, runner, fromNs);
    runner.kind = kind;
    runner.sinceNs = fromNs;
  }

  end(goroutine: number, timeNs: number): void {
    this.#finish(goroutine, timeNs);
    this.#runners[goroutine] = undefined;
  }

  finish(endNs: number): void {
    const end = Math.min(endNs, this.#input.window.toNs);
    for (const goroutine of this.#runners.keys()) this.#finish(goroutine, end);
  }

  result(): CriticalPath {
    const sorted = [...this.#shares]
      .map(([key, ns]) => this.#shareOf(key, ns))
      .sort((a, b) => b.ns - a.ns || compareTexts(JSON.stringify(a), JSON.stringify(b)));
    const { list, omitted } = topOf(sorted, this.#input.top);
    return {
      of: this.#of,
      goroutines: this.#ended,
      totalNs: this.#totalNs,
      shares: list,
      omitted,
      path: this.#longestPath(),
    };
  }

  #longestPath(): CriticalPath['path'] {
    if (this.#longest === undefined) return null;
    const { goroutine, path, endNs } = this.#longest;
    const { goroutines, reasons } = this.#input;
    const steps = this.#steps.lastOf(path).map(
      (step): PathStep => ({
        ...nameOf(step.goroutine, goroutines),
        state: SPAN_KIND_NAMES[step.kind] ?? 'unknown',
        reason: reasons[step.reason] ?? '',
        startNs: step.startNs,
        ns: step.ns,
      }),
    );
    return {
      pid: goroutines.pidOf(goroutine),
      goid: goroutines.goidOf(goroutine),
      startNs: path.startNs,
      endNs,
      steps,
      stepsOmitted: path.length - steps.length,
    };
  }

  #wakerOf({ goroutine, waker }: Span): { readonly goroutine: number; readonly runner: Runner } | undefined {
    if (waker === 0) return undefined;
    const index = this.#ids.indexOf(this.#input.goroutines.pidOf(goroutine), waker);
    const runner = index < 0 || index === goroutine ? undefined : this.#runners[index];
    return runner === undefined ? undefined : { goroutine: index, runner };
  }

  /** What a goroutine does since its last change becomes part of a path. */
  #add(path: Path, goroutine: number, { kind, reason, sinceNs }: Runner, nowNs: number): void {
    const ns = nowNs - sinceNs;
    if (ns <= 0) return;
    const why = kind === SpanKind.waiting ? reason : 0;
    const key = (why * 8 + kind) * GROUPS + this.#groups.of(goroutine);
    this.#steps.add(path, { goroutine, kind, reason: why, startNs: sinceNs, ns }, key);
  }

  #finish(goroutine: number, endNs: number): void {
    const runner = this.#runners[goroutine];
    if (runner === undefined || !this.#isWanted(goroutine)) return;
    this.#add(runner.path, goroutine, runner, endNs);
    const { path } = runner;
    this.#ended++;
    for (const [key, ns] of this.#steps.sumsOf(path)) {
      this.#shares.set(key, (this.#shares.get(key) ?? 0) + ns);
      this.#totalNs += ns;
    }
    const ns = endNs - path.startNs;
    if (this.#longest !== undefined && ns <= this.#longest.endNs - this.#longest.path.startNs) return;
    this.#longest = { goroutine, path, endNs };
  }

  #isWanted(goroutine: number): boolean {
    const { goroutines } = this.#input;
    if (/^\d+$/.test(this.#of)) return goroutines.goidOf(goroutine) === Number(this.#of);
    return matchesGlob(this.#of, byStartFunction(goroutines.infoOf(goroutine)));
  }

  #shareOf(key: number, ns: number): PathShare {
    const state = Math.floor(key / GROUPS);
    return {
      startFunction: this.#groups.names[key % GROUPS] ?? '',
      state: SPAN_KIND_NAMES[state % 8] ?? 'unknown',
      reason: this.#input.reasons[Math.floor(state / 8)] ?? '',
      ns,
      share: this.#totalNs > 0 ? ns / this.#totalNs : 0,
    };
  }
}
