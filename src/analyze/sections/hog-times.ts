/** Long runs without a change of state, and who was ready to run meanwhile. */
import { type Span, SpanKind } from '../../model/span.js';
import type { Collector, CollectorInput } from '../collector.js';
import type { Part } from '../duration-tally.js';
import { byStartFunction, GoroutineGroups } from '../goroutine-groups.js';
import type { HogSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';
import { StatesNow } from './states-now.js';

/** The scheduler asks a goroutine to yield after 10 ms (`forcePreemptNS` in runtime/proc.go). */
export const HOG_NS = 10e6;
/** Of those that are ready when a long run ends; they are the ones that wait longest. */
const VICTIMS_MAX = 256;
const VICTIMS_SHOWN = 5;

interface Hog {
  count: number;
  totalNs: number;
  longestNs: number;
  longestStart: number;
  longestOf: number;
  othersRunnableNs: number;
  /** By group. */
  readonly victims: Map<number, { count: number; ns: number }>;
}

export class HogTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #groups: GoroutineGroups;
  readonly #now = new StatesNow();
  /** Those that are ready to run, in the order in which they became it. */
  readonly #runnable = new Set<number>();
  readonly #hogs: (Hog | undefined)[] = [];
  /** Time that goroutines were ready to run so far, of all together; the same when each goroutine began to run. */
  #waitedNs = 0;
  #waitedAtStart = new Float64Array(64);
  #lastNs = 0;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#groups = new GoroutineGroups(input.goroutines, byStartFunction);
  }

  opened(span: Span): void {
    const { goroutine, kind } = span;
    this.#pass(span.endNs);
    this.#now.opened(span);
    if (kind === SpanKind.runnable) this.#runnable.add(goroutine);
    else this.#runnable.delete(goroutine);
    if (kind !== SpanKind.running) return;
    if (goroutine >= this.#waitedAtStart.length) this.#grow(goroutine);
    this.#waitedAtStart[goroutine] = this.#waitedNs;
  }

  end(goroutine: number, timeNs: number): void {
    this.#pass(timeNs);
    this.#now.ended(goroutine);
    this.#runnable.delete(goroutine);
  }

  span(span: Span, part: Part): void {
    const ns = span.endNs - span.startNs;
    if (span.kind !== SpanKind.running || ns < HOG_NS || !part.ends) return;
    this.#pass(span.endNs);
    const group = this.#groups.of(span.goroutine);
    this.#hogs[group] ??= newHog();
    const hog = this.#hogs[group];
    hog.count++;
    hog.totalNs += ns;
    hog.othersRunnableNs += Math.max(0, this.#waitedNs - (this.#waitedAtStart[span.goroutine] ?? this.#waitedNs));
    this.#addVictims(hog, span.startNs, span.endNs);
    if (ns <= hog.longestNs) return;
    hog.longestNs = ns;
    hog.longestStart = span.startNs;
    hog.longestOf = span.goroutine;
  }

  result(): HogSection {
    const { top } = this.#input;
    const hogs = [...this.#hogs.entries()].flatMap(([group, hog]) =>
      hog === undefined ? [] : [{ startFunction: this.#groups.names[group] ?? '', hog }],
    );
    const sorted = hogs.sort(
      (a, b) =>
        b.hog.othersRunnableNs - a.hog.othersRunnableNs ||
        b.hog.totalNs - a.hog.totalNs ||
        compareTexts(a.startFunction, b.startFunction),
    );
    const { list, omitted } = topOf(sorted, top);
    return { longerThanNs: HOG_NS, functions: list.map((item) => this.#named(item)), omitted };
  }

  #named({ startFunction, hog }: { startFunction: string; hog: Hog }): HogSection['functions'][number] {
    const { goroutines } = this.#input;
    const victims = [...hog.victims]
      .map(([group, { count, ns }]) => ({ startFunction: this.#groups.names[group] ?? '', count, ns }))
      .sort((a, b) => b.ns - a.ns || compareTexts(a.startFunction, b.startFunction));
    const { count, totalNs, longestNs, longestStart, longestOf, othersRunnableNs } = hog;
    return {
      startFunction,
      count,
      totalNs,
      longest: {
        ns: longestNs,
        startNs: longestStart,
        pid: goroutines.pidOf(longestOf),
        goid: goroutines.goidOf(longestOf),
      },
      othersRunnableNs,
      victims: victims.slice(0, VICTIMS_SHOWN),
    };
  }

  /** Of their waits, the part within the run. */
  #addVictims({ victims }: Hog, startNs: number, endNs: number): void {
    let seen = 0;
    for (const goroutine of this.#runnable) {
      if (seen++ === VICTIMS_MAX) return;
      const ns = endNs - Math.max(startNs, this.#now.sinceOf(goroutine));
      if (ns <= 0) continue;
      const group = this.#groups.of(goroutine);
      const victim = victims.get(group) ?? { count: 0, ns: 0 };
      victim.count++;
      victim.ns += ns;
      victims.set(group, victim);
    }
  }

  /** Nothing changed since the last event. */
  #pass(timeNs: number): void {
    if (timeNs <= this.#lastNs) return;
    this.#waitedNs += (timeNs - this.#lastNs) * this.#now.count(SpanKind.runnable);
    this.#lastNs = timeNs;
  }

  #grow(goroutine: number): void {
    const waited = new Float64Array(Math.max(goroutine + 1, this.#waitedAtStart.length * 2));
    waited.set(this.#waitedAtStart);
    this.#waitedAtStart = waited;
  }
}

function newHog(): Hog {
  return {
    count: 0,
    totalNs: 0,
    longestNs: -1,
    longestStart: 0,
    longestOf: 0,
    othersRunnableNs: 0,
    victims: new Map(),
  };
}
