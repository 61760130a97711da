/** The last spans of every goroutine and the one at hand: what it did within a call that has just ended. */
import type { Span } from '../../model/span.js';
import { NOTHING_YET, StatesNow } from './states-now.js';

/** Of each goroutine; a call with more spans cannot be split into what its goroutine did. */
const SPANS_MAX = 4096;
const FIRST_SPANS = 16;

interface Ring {
  startNs: Float64Array;
  kind: Uint8Array;
  /** Spans that ended, also those that were overwritten. */
  ended: number;
}

export class RecentSpans {
  readonly #now = new StatesNow();
  readonly #rings: (Ring | undefined)[] = [];

  opened(span: Span): void {
    this.#now.opened(span);
  }

  add({ goroutine, kind, startNs }: Span): void {
    const ring = this.#ringOf(goroutine);
    if (ring.ended === ring.kind.length && ring.ended < SPANS_MAX) grow(ring);
    const at = ring.ended++ % ring.kind.length;
    ring.startNs[at] = startNs;
    ring.kind[at] = kind;
  }

  ended(goroutine: number): void {
    this.#now.ended(goroutine);
  }

  /** Adds what a goroutine did in a stretch of time, by kind; nothing when not all of it is known: then false. */
  addWithin(goroutine: number, fromNs: number, toNs: number, into: Float64Array): boolean {
    const sums = new Float64Array(into.length);
    let left = toNs;
    const take = (kind: number, startNs: number) => {
      const from = Math.max(startNs, fromNs);
      if (from < left) {
        sums[kind] = sums[kind]! + left - from;
        left = from;
      }
    };
    const kind = this.#now.kindOf(goroutine);
    if (kind !== NOTHING_YET) take(kind, this.#now.sinceOf(goroutine));
    const ring = this.#rings[goroutine];
    for (let span = ring?.ended ?? 0; ring !== undefined && left > fromNs && span > 0; ) {
      span--;
      if (ring.ended - span > ring.kind.length) break;
      take(ring.kind[span % ring.kind.length]!, ring.startNs[span % ring.kind.length]!);
    }
    if (left > fromNs) return false;
    for (let at = 0; at < into.length; at++) into[at] = into[at]! + sums[at]!;
    return true;
  }

  #ringOf(goroutine: number): Ring {
    const known = this.#rings[goroutine];
    if (known !== undefined) return known;
    const ring = { startNs: new Float64Array(FIRST_SPANS), kind: new Uint8Array(FIRST_SPANS), ended: 0 };
    this.#rings[goroutine] = ring;
    return ring;
  }
}

function grow(ring: Ring): void {
  const startNs = new Float64Array(ring.kind.length * 4);
  const kind = new Uint8Array(ring.kind.length * 4);
  startNs.set(ring.startNs);
  kind.set(ring.kind);
  ring.startNs = startNs;
  ring.kind = kind;
}
