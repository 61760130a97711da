/** Who executed on which P and thread, how many at once, and whether others were ready to run meanwhile. */
import { type Span, SpanKind } from '../../model/span.js';
import { NO_P } from '../../model/transition-batch.js';
import type { Collector, CollectorInput } from '../collector.js';
import type { Part } from '../duration-tally.js';
import type { CpuSection, UnitTime } from '../sections.js';
import { topOf } from '../top-of.js';
import { StateBuckets } from './state-buckets.js';
import { StatesNow } from './states-now.js';

/** More run at once on no machine; in a hostile trace they are counted as so many. */
const RUNNING_MAX = 4096;
/** Threads of a process and its Ps are told apart by this factor: process ids have 22 bits, thread ids too. */
const PER_PROCESS = 2 ** 31;

interface Unit {
  readonly pid: number;
  readonly id: number;
  runs: number;
  ns: number;
}

export class CpuTimes implements Collector {
  readonly #input: CollectorInput;
  readonly #ps = new Map<number, Unit>();
  readonly #threads = new Map<number, Unit>();
  readonly #now = new StatesNow();
  readonly #overTime: StateBuckets;
  /** Time by how many ran; the same while others were ready to run. */
  readonly #running = new Float64Array(RUNNING_MAX + 1);
  readonly #whileRunnable = new Float64Array(RUNNING_MAX + 1);
  #lastNs: number;
  #withoutPNs = 0;
  #runningNs = 0;
  #runnableNs = 0;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#overTime = new StateBuckets(input.window);
    this.#lastNs = input.window.fromNs;
  }

  opened(span: Span): void {
    this.#pass(span.endNs);
    this.#now.opened(span);
  }

  end(goroutine: number, timeNs: number): void {
    this.#pass(timeNs);
    this.#now.ended(goroutine);
  }

  span(span: Span, part: Part): void {
    this.#overTime.add(span);
    if (span.kind === SpanKind.runnable) this.#runnableNs += part.partNs;
    if (span.kind !== SpanKind.running) return;
    this.#runningNs += part.partNs;
    const pid = this.#input.goroutines.pidOf(span.goroutine);
    addTo(this.#threads, pid, span.tid, part);
    if (span.p === NO_P) this.#withoutPNs += part.partNs;
    else addTo(this.#ps, pid, span.p, part);
  }

  finish(endNs: number): void {
    this.#pass(endNs);
  }

  result(durationNs: number): CpuSection {
    const { top } = this.#input;
    const share = (ns: number) => (durationNs > 0 ? ns / durationNs : 0);
    const times = (unit: Unit): UnitTime => ({ ...unit, share: share(unit.ns) });
    const ps = [...this.#ps.values()].sort((a, b) => a.pid - b.pid || a.id - b.id);
    const threads = topOf(
      [...this.#threads.values()].sort((a, b) => b.ns - a.ns || a.pid - b.pid || a.id - b.id),
      top,
    );
    const saturatedNs = this.#whileRunnable.subarray(Math.max(1, ps.length)).reduce((sum, ns) => sum + ns, 0);
    return {
      ps: ps.map(times),
      threads: threads.list.map(times),
      threadsOmitted: threads.omitted,
      withoutPNs: this.#withoutPNs,
      parallelism: [...this.#running.entries()]
        .filter(([, ns]) => ns > 0)
        .map(([running, ns]) => ({ running, ns, whileRunnableNs: this.#whileRunnable[running]! })),
      averageRunning: share(this.#runningNs),
      averageRunnable: share(this.#runnableNs),
      saturatedNs,
      saturatedShare: share(saturatedNs),
      overTime: this.#overTime.result(durationNs),
    };
  }

  /** Nothing changed since the last event. */
  #pass(timeNs: number): void {
    const now = Math.min(timeNs, this.#input.window.toNs);
    const ns = now - this.#lastNs;
    if (ns <= 0) return;
    this.#lastNs = now;
    const running = Math.min(RUNNING_MAX, this.#now.count(SpanKind.running));
    this.#running[running] = this.#running[running]! + ns;
    if (this.#now.count(SpanKind.runnable) > 0) this.#whileRunnable[running] = this.#whileRunnable[running]! + ns;
  }
}

function addTo(units: Map<number, Unit>, pid: number, id: number, { partNs, ends }: Part): void {
  const key = pid * PER_PROCESS + id;
  let unit = units.get(key);
  if (unit === undefined) {
    unit = { pid, id, runs: 0, ns: 0 };
    units.set(key, unit);
  }
  unit.ns += partNs;
  if (ends) unit.runs++;
}
