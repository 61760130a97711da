/** Who wakes whom, and how long it takes from there to run. Creation counts: it makes a goroutine runnable too. */
import { type Span, SpanKind } from '../../model/span.js';
import { WakeSource, wakeSourceName } from '../../model/wake-source.js';
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally, type Part, statsOf } from '../duration-tally.js';
import { byStartFunction, GoroutineGroups } from '../goroutine-groups.js';
import type { WakeSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';
import { GoroutineIds } from './goroutine-ids.js';

/** Different edges that are counted; each takes about 10 KiB by function, 100 bytes by goroutine. */
const FUNCTION_EDGES_MAX = 2048;
const GOROUTINE_EDGES_MAX = 65_536;
const GOROUTINES = 2 ** 26;

interface FunctionEdge {
  readonly waker: string;
  readonly wakee: string;
  readonly latency: DurationTally;
}

interface GoroutineEdge {
  readonly wakerGoid: number;
  readonly goroutine: number;
  count: number;
  totalNs: number;
  maxNs: number;
}

export class WakeGraph implements Collector {
  readonly #input: CollectorInput;
  readonly #groups: GoroutineGroups;
  readonly #ids: GoroutineIds;
  readonly #byFunction = new Map<number, FunctionEdge>();
  readonly #byGoroutine = new Map<number, GoroutineEdge>();
  #uncounted = 0;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#groups = new GoroutineGroups(input.goroutines, byStartFunction);
    this.#ids = new GoroutineIds(input.goroutines);
  }

  span(span: Span, { ends }: Part): void {
    // A goroutine that gave up its P, or was preempted, was not woken.
    if (span.kind !== SpanKind.runnable || !ends) return;
    if (span.wakeSource === WakeSource.none && span.waker === 0) return;
    const ns = span.endNs - span.startNs;
    const waker = this.#wakerOf(span);
    if (!this.#addFunctions(waker, span.goroutine, ns)) this.#uncounted++;
    if (span.waker !== 0) this.#addGoroutines(span, ns);
  }

  result(): WakeSection {
    const { top, goroutines } = this.#input;
    const functions = topOf(
      [...this.#byFunction.values()].sort(
        (a, b) => b.latency.count - a.latency.count || compareTexts(a.waker, b.waker) || compareTexts(a.wakee, b.wakee),
      ),
      top,
    );
    const edges = topOf(
      [...this.#byGoroutine.values()].sort(
        (a, b) =>
          b.count - a.count ||
          a.wakerGoid - b.wakerGoid ||
          goroutines.goidOf(a.goroutine) - goroutines.goidOf(b.goroutine),
      ),
      top,
    );
    return {
      byFunction: functions.list.map(({ waker, wakee, latency }) => ({ waker, wakee, latency: statsOf(latency) })),
      functionsOmitted: functions.omitted,
      byGoroutine: edges.list.map((edge) => this.#named(edge)),
      goroutinesOmitted: edges.omitted,
      uncounted: this.#uncounted,
    };
  }

  #named({ wakerGoid, goroutine, count, totalNs, maxNs }: GoroutineEdge): WakeSection['byGoroutine'][number] {
    const { goroutines } = this.#input;
    const pid = goroutines.pidOf(goroutine);
    const waker = this.#ids.indexOf(pid, wakerGoid);
    return {
      pid,
      wakerGoid,
      wakeeGoid: goroutines.goidOf(goroutine),
      waker: waker < 0 ? '' : byStartFunction(goroutines.infoOf(waker)),
      wakee: byStartFunction(goroutines.infoOf(goroutine)),
      count,
      totalNs,
      maxNs,
    };
  }

  /** Group of the waker: its start function, or what else it was. */
  #wakerOf({ goroutine, waker, wakeSource }: Span): number {
    if (waker === 0) return this.#groups.numberOf(`(${wakeSourceName(wakeSource)})`);
    const index = this.#ids.indexOf(this.#input.goroutines.pidOf(goroutine), waker);
    return index < 0 ? this.#groups.numberOf('') : this.#groups.of(index);
  }

  #addFunctions(waker: number, goroutine: number, ns: number): boolean {
    const wakee = this.#groups.of(goroutine);
    const key = waker * GOROUTINES + wakee;
    let edge = this.#byFunction.get(key);
    if (edge === undefined) {
      if (this.#byFunction.size >= FUNCTION_EDGES_MAX) return false;
      const { names } = this.#groups;
      edge = { waker: names[waker] ?? '', wakee: names[wakee] ?? '', latency: new DurationTally() };
      this.#byFunction.set(key, edge);
    }
    edge.latency.add(ns);
    return true;
  }

  #addGoroutines({ goroutine, waker }: Span, ns: number): void {
    const index = this.#ids.indexOf(this.#input.goroutines.pidOf(goroutine), waker);
    if (index < 0) return;
    const key = index * GOROUTINES + goroutine;
    let edge = this.#byGoroutine.get(key);
    if (edge === undefined) {
      if (this.#byGoroutine.size >= GOROUTINE_EDGES_MAX) return;
      edge = { wakerGoid: waker, goroutine, count: 0, totalNs: 0, maxNs: 0 };
      this.#byGoroutine.set(key, edge);
    }
    edge.count++;
    edge.totalNs += ns;
    edge.maxNs = Math.max(edge.maxNs, ns);
  }
}
