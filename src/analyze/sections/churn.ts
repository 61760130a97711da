/** Where goroutines are created, how often, and how long they live. */
import type { Collector, CollectorInput } from '../collector.js';
import { DurationTally } from '../duration-tally.js';
import { GoroutineGroups } from '../goroutine-groups.js';
import type { ChurnSection } from '../sections.js';
import { compareTexts, topOf } from '../top-of.js';

/** No name of Go has it. */
const SEPARATOR = '\0';

export class Churn implements Collector {
  readonly #input: CollectorInput;
  readonly #sites: GoroutineGroups;
  /** Time of creation by goroutine; absent when that is not in the trace. */
  readonly #births: (number | undefined)[] = [];
  readonly #exited: number[] = [];
  readonly #lifetimes: (DurationTally | undefined)[] = [];

  constructor(input: CollectorInput) {
    this.#input = input;
    this.#sites = new GoroutineGroups(
      input.goroutines,
      (info) => `${info?.createdBy ?? ''}${SEPARATOR}${info?.startFunction ?? ''}`,
    );
  }

  begin(goroutine: number, timeNs: number, created: boolean): void {
    if (created) this.#births[goroutine] = timeNs;
  }

  end(goroutine: number, timeNs: number): void {
    const born = this.#births[goroutine];
    if (born === undefined) return;
    const site = this.#sites.of(goroutine);
    this.#exited[site] = (this.#exited[site] ?? 0) + 1;
    this.#lifetimes[site] ??= new DurationTally();
    this.#lifetimes[site].add(timeNs - born);
  }

  result(durationNs: number): ChurnSection {
    const created = this.#sites.sizes((goroutine) => this.#births[goroutine] !== undefined);
    const sites = created.map((count, site) => ({ site, count }));
    const name = (site: number) => this.#sites.names[site] ?? SEPARATOR;
    const sorted = sites
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || compareTexts(name(a.site), name(b.site)));
    const { list, omitted } = topOf(sorted, this.#input.top);
    return {
      sites: list.map(({ site, count }) => {
        const [createdBy = '', startFunction = ''] = name(site).split(SEPARATOR);
        return {
          createdBy,
          startFunction,
          created: count,
          perSecond: durationNs > 0 ? (count * 1e9) / durationNs : 0,
          exited: this.#exited[site] ?? 0,
          lifetime: this.#lifetimes[site]?.stats() ?? null,
        };
      }),
      omitted,
    };
  }
}
