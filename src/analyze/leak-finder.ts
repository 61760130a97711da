/**
 * Goroutines that leak. One alone cannot be told from one that has nothing to do, a site that makes ever more of them can:
 *
 * 1. A goroutine is stuck when it was created in the trace, its last event says that it began to wait for another
 *    goroutine (a channel, a lock, a group), and that was a fifth of the time before its end, or earlier.
 * 2. Stuck goroutines of one site (start function, creator, reason, stack) leak when there are at least 5, and some were
 *    created in each quarter of the time in which they could be: a pool that is filled once, or fills up, is none.
 *
 * Waiting for a timer, the network, a device or the runtime is no leak, as someone outside may end it any time.
 */
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { StackDirectory } from '../model/stack-directory.js';
import type { LeakSite, Leaks } from './findings.js';
import { framesOf } from './stack-frames.js';
import { compareTexts, topOf } from './top-of.js';

const BLOCKED_SHARE = 0.2;
const AT_LEAST = 5;
const EXAMPLES = 5;
const QUARTERS = 4;

/** Who ends these waits is a goroutine, if anybody does. */
const WAITS_FOR_GOROUTINES: ReadonlySet<string> = new Set([
  'chan receive',
  'chan send',
  'chan receive (nil chan)',
  'chan send (nil chan)',
  'select',
  'select (no cases)',
  'semacquire',
  'sync.Cond.Wait',
  'sync.Mutex.Lock',
  'sync.RWMutex.Lock',
  'sync.RWMutex.RLock',
  'sync.WaitGroup.Wait',
]);

interface Stuck {
  readonly goroutine: number;
  readonly bornNs: number;
  readonly sinceNs: number;
  readonly reason: number;
  readonly stack: number;
}

export interface LeakInput {
  readonly goroutines: GoroutineDirectory;
  readonly reasons: readonly string[];
  readonly stacks: StackDirectory;
  readonly fromNs: number;
  readonly durationNs: number;
  readonly top: number;
}

export class LeakFinder {
  /** Time of creation by goroutine; NaN when that is not in the trace. */
  #births = new Float64Array(64).fill(Number.NaN);
  #exits = new Uint8Array(64);
  readonly #stuck: Stuck[] = [];

  created(goroutine: number, timeNs: number): void {
    if (goroutine >= this.#births.length) this.#grow(goroutine);
    this.#births[goroutine] = timeNs;
  }

  exited(goroutine: number): void {
    if (goroutine < this.#exits.length) this.#exits[goroutine] = 1;
  }

  /** Of unknown time: that at the end of the trace says what the goroutine did last. */
  unknown({ goroutine, hint, startNs, reason, stack, crossesGap }: Span): void {
    const bornNs = this.#births[goroutine] ?? Number.NaN;
    if (hint !== SpanKind.waiting || Number.isNaN(bornNs)) return;
    // Where events were lost it may have gone on.
    if (crossesGap) return;
    this.#stuck.push({ goroutine, bornNs, sinceNs: startNs, reason, stack });
  }

  result(input: LeakInput): Leaks {
    const blockedAtLeastNs = input.durationNs * BLOCKED_SHARE;
    const latestNs = input.fromNs + input.durationNs - blockedAtLeastNs;
    const sites = new Map<string, Stuck[]>();
    for (const stuck of this.#stuck) {
      if (stuck.sinceNs > latestNs || !WAITS_FOR_GOROUTINES.has(input.reasons[stuck.reason] ?? '')) continue;
      const key = JSON.stringify([siteOf(stuck.goroutine, input), stuck.reason, stuck.stack]);
      const others = sites.get(key);
      if (others === undefined) sites.set(key, [stuck]);
      else others.push(stuck);
    }
    const leaking = [...sites.values()].filter((stuck) => isGrowing(stuck, input.fromNs, latestNs));
    const totals = leaking.length > 0 ? this.#totalsBySite(input) : new Map<string, Totals>();
    const sorted = leaking
      .map((stuck) => leakSite(stuck, input, totals))
      .sort((a, b) => b.goroutines - a.goroutines || compareTexts(JSON.stringify(a), JSON.stringify(b)));
    return {
      leaked: sorted.reduce((sum, { goroutines }) => sum + goroutines, 0),
      blockedAtLeastNs,
      atLeastPerSite: AT_LEAST,
      ...sitesOf(sorted, input.top),
    };
  }

  #totalsBySite({ goroutines, ...input }: LeakInput): Map<string, Totals> {
    const totals = new Map<string, Totals>();
    for (let goroutine = 0; goroutine < Math.min(goroutines.size, this.#births.length); goroutine++) {
      if (Number.isNaN(this.#births[goroutine]!)) continue;
      const key = siteOf(goroutine, { goroutines, ...input });
      const of = totals.get(key) ?? { created: 0, exited: 0 };
      of.created++;
      of.exited += this.#exits[goroutine]!;
      totals.set(key, of);
    }
    return totals;
  }

  #grow(goroutine: number): void {
    const length = Math.max(goroutine + 1, this.#births.length * 2);
    const births = new Float64Array(length).fill(Number.NaN);
    births.set(this.#births);
    this.#births = births;
    const exits = new Uint8Array(length);
    exits.set(this.#exits);
    this.#exits = exits;
  }
}

interface Totals {
  created: number;
  exited: number;
}

function siteOf(goroutine: number, { goroutines }: LeakInput): string {
  const info = goroutines.infoOf(goroutine);
  return JSON.stringify([info?.startFunction ?? '', info?.createdBy ?? '']);
}

/** Some were created in each quarter of the time. */
function isGrowing(stuck: readonly Stuck[], fromNs: number, latestNs: number): boolean {
  if (stuck.length < AT_LEAST || latestNs <= fromNs) return false;
  const quarterNs = (latestNs - fromNs) / QUARTERS;
  const quarters = new Set(
    stuck.map(({ bornNs }) => Math.min(QUARTERS - 1, Math.floor((bornNs - fromNs) / quarterNs))),
  );
  return quarters.size === QUARTERS;
}

function leakSite(stuck: readonly Stuck[], input: LeakInput, totals: ReadonlyMap<string, Totals>): LeakSite {
  const { goroutines, reasons, stacks, fromNs, durationNs } = input;
  const endNs = fromNs + durationNs;
  const byAge = stuck.toSorted((a, b) => a.sinceNs - b.sinceNs || a.goroutine - b.goroutine);
  const first = byAge[0]!;
  const { created, exited } = totals.get(siteOf(first.goroutine, input)) ?? { created: stuck.length, exited: 0 };
  const name = (goroutine: number) => ({ pid: goroutines.pidOf(goroutine), goid: goroutines.goidOf(goroutine) });
  const info = goroutines.infoOf(first.goroutine);
  const [firstCreatedNs, lastCreatedNs] = extentOf(stuck);
  return {
    startFunction: info?.startFunction ?? '',
    createdBy: info?.createdBy ?? '',
    reason: reasons[first.reason] ?? '',
    frames: framesOf(stacks, first.stack),
    goroutines: stuck.length,
    created,
    exited,
    firstCreatedNs,
    lastCreatedNs,
    blockedNs: stuck.reduce((sum, { sinceNs }) => sum + endNs - sinceNs, 0),
    longest: { ns: endNs - first.sinceNs, startNs: first.sinceNs, ...name(first.goroutine) },
    examples: byAge.slice(0, EXAMPLES).map(({ goroutine }) => name(goroutine)),
  };
}

/** Times of the first and the last creation. */
function extentOf(stuck: readonly Stuck[]): [number, number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { bornNs } of stuck) {
    first = Math.min(first, bornNs);
    last = Math.max(last, bornNs);
  }
  return [first, last];
}

function sitesOf(sites: readonly LeakSite[], top: number): Pick<Leaks, 'sites' | 'omitted'> {
  const { list, omitted } = topOf(sites, top);
  return { sites: list, omitted };
}
