/** What the `goroutines` table says: of each goroutine when it lived, and how long it was in each state. */
import { SPAN_KIND_NAMES, type Span } from '../../model/span.js';
import type { GoroutineDirectory } from '../../model/span-sink.js';
import type { TableBuffer } from './table-buffer.js';

const KINDS = SPAN_KIND_NAMES.length;
const FIRST_GOROUTINES = 1024;

export class GoroutineTotals {
  readonly #goroutines: GoroutineDirectory;
  /** By goroutine and kind. */
  #ns = new Float64Array(FIRST_GOROUTINES * KINDS);
  #spans = new Float64Array(FIRST_GOROUTINES);
  readonly #beginNs: number[] = [];
  /** NaN while it lives. */
  readonly #endNs: number[] = [];

  constructor(goroutines: GoroutineDirectory) {
    this.#goroutines = goroutines;
  }

  /** Of a goroutine that lives several times, as those of C threads do, the first begin and the last end count. */
  begin(goroutine: number, timeNs: number): void {
    this.#beginNs[goroutine] ??= timeNs;
    this.#endNs[goroutine] = Number.NaN;
  }

  span({ goroutine, kind, startNs, endNs }: Span): void {
    while (goroutine >= this.#spans.length) this.#grow();
    this.#spans[goroutine]! += 1;
    this.#ns[goroutine * KINDS + kind]! += endNs - startNs;
  }

  end(goroutine: number, timeNs: number): void {
    this.#endNs[goroutine] = timeNs;
  }

  /** Rows of the goroutines from number `from` on, at most `count`. */
  rows(into: TableBuffer, from: number, count: number): void {
    const to = Math.min(from + count, this.#goroutines.size);
    while (to > this.#spans.length) this.#grow();
    for (let goroutine = from; goroutine < to; goroutine++) this.#row(into, goroutine);
  }

  #row(into: TableBuffer, goroutine: number): void {
    const info = this.#goroutines.infoOf(goroutine);
    const beginNs = this.#beginNs[goroutine] ?? Number.NaN;
    const endNs = this.#endNs[goroutine] ?? Number.NaN;
    const labels = info?.labels ?? [];
    into
      .row()
      .number(this.#goroutines.pidOf(goroutine))
      .number(this.#goroutines.goidOf(goroutine))
      .text(info?.origin ?? '')
      .text(info?.startFunction ?? '')
      .text(info?.createdBy ?? '')
      .optional(info?.parentGoid ?? 0, 0)
      .text(labels.length === 0 ? '' : JSON.stringify(Object.fromEntries(labels.map(({ key, value }) => [key, value]))))
      .number(beginNs)
      .number(beginNs)
      .number(endNs)
      .number(endNs)
      .number(this.#spans[goroutine]!);
    for (let kind = 0; kind < KINDS; kind++) into.number(this.#ns[goroutine * KINDS + kind]!);
  }

  #grow(): void {
    const spans = new Float64Array(this.#spans.length * 2);
    const ns = new Float64Array(this.#ns.length * 2);
    spans.set(this.#spans);
    ns.set(this.#ns);
    this.#spans = spans;
    this.#ns = ns;
  }
}
