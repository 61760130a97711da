/**
 * Who waited for whom, who waited for whom. When W wakes X, X waited for W; and if W itself was woken while X waited, X
 * waited for what W had waited for, and so on. Chains are kept as a tree of shared tails, by start function and reason, so
 * that memory grows with different chains only.
 */
import { type Span, SpanKind } from '../../model/span.js';
import { WakeSource, wakeSourceName } from '../../model/wake-source.js';
import type { Collector, CollectorInput } from '../collector.js';
import { byStartFunction, GoroutineGroups } from '../goroutine-groups.js';
import type { ChainSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';
import { GoroutineIds } from './goroutine-ids.js';

const LINKS_MAX = 8;
/** Different chains that are counted, about 200 bytes each. */
const CHAINS_MAX = 16_384;

interface Chain {
  /** Whom the first waited for; undefined for the one at the end, who did not wait. */
  readonly next: Chain | undefined;
  readonly group: number;
  readonly reason: number;
  readonly links: number;
  readonly followers: Map<number, Chain>;
  count: number;
  totalNs: number;
  longestNs: number;
  longestStart: number;
  longestOf: number;
}

/** What is known of a goroutine: since when and why it waits, and its last wait that ended. */
interface Waits {
  sinceNs: number;
  reason: number;
  endedNs: number;
  chain: Chain | undefined;
}

export class WaitChains implements Collector {
  readonly #input: CollectorInput;
  readonly #groups: GoroutineGroups;
  readonly #ids: GoroutineIds;
  readonly #waits: (Waits | undefined)[] = [];
  readonly #chains: Chain[] = [];
  readonly #ends = new Map<number, Chain>();
  #uncounted = 0;

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#groups = new GoroutineGroups(input.goroutines, byStartFunction);
    this.#ids = new GoroutineIds(input.goroutines);
  }

  opened(span: Span): void {
    const { goroutine, kind } = span;
    if (kind === SpanKind.waiting) {
      const waits = this.#waitsOf(goroutine);
      waits.sinceNs = span.startNs;
      waits.reason = span.reason;
    } else {
      const waits = this.#waits[goroutine];
      if (waits === undefined || waits.sinceNs < 0) return;
      if (kind === SpanKind.runnable) this.#woken(span, waits);
      waits.sinceNs = -1;
    }
  }

  end(goroutine: number): void {
    this.#waits[goroutine] = undefined;
  }

  result(): ChainSection {
    const { top, goroutines } = this.#input;
    const several = this.#chains.filter(({ count, links }) => count > 0 && links > 2);
    const sorted = several
      .map((chain) => ({ chain, links: this.#linksOf(chain) }))
      .sort(
        (a, b) => b.chain.totalNs - a.chain.totalNs || compareTexts(JSON.stringify(a.links), JSON.stringify(b.links)),
      );
    const { list, omitted } = topOf(sorted, top);
    return {
      list: list.map(({ chain, links }) => ({
        links,
        count: chain.count,
        totalNs: chain.totalNs,
        longest: {
          ns: chain.longestNs,
          startNs: chain.longestStart,
          pid: goroutines.pidOf(chain.longestOf),
          goid: goroutines.goidOf(chain.longestOf),
        },
      })),
      omitted,
      linksMax: LINKS_MAX,
      uncounted: this.#uncounted,
    };
  }

  #woken(span: Span, waits: Waits): void {
    const { goroutine, startNs: nowNs } = span;
    const chain = this.#chainOf(this.#groups.of(goroutine), waits.reason, this.#whatFor(span, waits.sinceNs));
    const { fromNs, toNs } = this.#input.window;
    if (chain === undefined) this.#uncounted++;
    else if (nowNs >= fromNs && nowNs < toNs) addTo(chain, goroutine, waits.sinceNs, nowNs);
    waits.endedNs = nowNs;
    waits.chain = chain;
  }

  /** The chain that a wait ended on; undefined when there is no room. */
  #whatFor({ goroutine, waker, wakeSource }: Span, sinceNs: number): Chain | undefined {
    if (waker === 0) {
      const name = wakeSource === WakeSource.none ? '(not recorded)' : `(${wakeSourceName(wakeSource)})`;
      return this.#endOf(this.#groups.numberOf(name));
    }
    const index = this.#ids.indexOf(this.#input.goroutines.pidOf(goroutine), waker);
    const waits = index < 0 ? undefined : this.#waits[index];
    const waited = waits !== undefined && waits.sinceNs < 0 && waits.endedNs > sinceNs;
    if (waited && waits.chain !== undefined) return this.#shortened(waits.chain);
    return this.#endOf(index < 0 ? this.#groups.numberOf('') : this.#groups.of(index));
  }

  #chainOf(group: number, reason: number, next: Chain | undefined): Chain | undefined {
    if (next === undefined) return undefined;
    const key = group * 2 ** 16 + reason;
    const known = next.followers.get(key);
    if (known !== undefined) return known;
    const chain = this.#newChain(group, reason, next);
    if (chain !== undefined) next.followers.set(key, chain);
    return chain;
  }

  #endOf(group: number): Chain | undefined {
    const known = this.#ends.get(group);
    if (known !== undefined) return known;
    const chain = this.#newChain(group, 0, undefined);
    if (chain !== undefined) this.#ends.set(group, chain);
    return chain;
  }

  #newChain(group: number, reason: number, next: Chain | undefined): Chain | undefined {
    if (this.#chains.length >= CHAINS_MAX) return undefined;
    const links = (next?.links ?? 0) + 1;
    const chain = { next, group, reason, links, followers: new Map<number, Chain>() };
    const sums = { count: 0, totalNs: 0, longestNs: -1, longestStart: 0, longestOf: 0 };
    return this.#chains[this.#chains.push({ ...chain, ...sums }) - 1];
  }

  /** With room for one more link: without its last one where it is too long. */
  #shortened(chain: Chain): Chain | undefined {
    return chain.links < LINKS_MAX ? chain : this.#withoutLast(chain);
  }

  #withoutLast({ group, reason, next }: Chain): Chain | undefined {
    if (next === undefined || next.next === undefined) return this.#endOf(group);
    return this.#chainOf(group, reason, this.#withoutLast(next));
  }

  #linksOf(chain: Chain): { startFunction: string; reason: string }[] {
    const links: { startFunction: string; reason: string }[] = [];
    for (let at: Chain | undefined = chain; at !== undefined; at = at.next) {
      const reason = at.next === undefined ? '' : (this.#input.reasons[at.reason] ?? '');
      links.push({ startFunction: this.#groups.names[at.group] ?? '', reason });
    }
    return links;
  }

  #waitsOf(goroutine: number): Waits {
    this.#waits[goroutine] ??= { sinceNs: -1, reason: 0, endedNs: -1, chain: undefined };
    return this.#waits[goroutine];
  }
}

function addTo(chain: Chain, goroutine: number, sinceNs: number, nowNs: number): void {
  const ns = nowNs - sinceNs;
  chain.count++;
  chain.totalNs += ns;
  if (ns <= chain.longestNs) return;
  chain.longestNs = ns;
  chain.longestStart = sinceNs;
  chain.longestOf = goroutine;
}
