/** What slices are called, as the bytes that their events begin with. Made once per name. */
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../model/span.js';
import { jsonLiteral, jsonText } from './json-bytes.js';

/** Categories besides the names of `SpanKind`: viewers drop events without one when they convert. */
export const Category = {
  p: 'P',
  lost: 'lost',
  systemStack: 'system stack',
  lifecycle: 'goroutine',
  call: 'call',
  thread: 'OS thread',
} as const;

export class SliceHeads {
  readonly #reasons: readonly string[];
  readonly #headByKey = new Map<number, Uint8Array>();
  readonly #plain: readonly Uint8Array[] = SPAN_KIND_NAMES.map((name) => sliceHead(name, name));

  /** `reasons` may grow. */
  constructor(reasons: readonly string[]) {
    this.#reasons = reasons;
  }

  /** A waiting span is called by its reason, an unknown one by what is nearest to it. */
  ofSpan(span: Span, isFirst: boolean): Uint8Array {
    const { kind, reason } = span;
    if (kind === SpanKind.unknown) return this.#unknown(span, isFirst);
    if (kind !== SpanKind.waiting || reason === 0) return this.#plain[kind]!;
    return this.#cached(1, reason, () => sliceHead('waiting', this.#reasonName(reason)));
  }

  ofSystemStack(span: Span): Uint8Array {
    const { reason } = span;
    return this.#cached(2, reason, () => sliceHead(Category.systemStack, this.#reasonName(reason)));
  }

  /** A goroutine that blocks to the end of the trace shows so: `unknown (last seen: chan receive)`. */
  #unknown(span: Span, isFirst: boolean): Uint8Array {
    const { hint, reason } = span;
    return this.#cached(isFirst ? 3 : 4, reason * SPAN_KIND_NAMES.length + hint, () => {
      const state = reason === 0 ? SPAN_KIND_NAMES[hint] : this.#reasonName(reason);
      return sliceHead('unknown', `unknown (${isFirst ? 'first' : 'last'} seen: ${state})`);
    });
  }

  #reasonName(reason: number): string {
    return this.#reasons[reason] || 'waiting';
  }

  #cached(table: number, index: number, make: () => Uint8Array): Uint8Array {
    const key = index * 8 + table;
    let head = this.#headByKey.get(key);
    if (!head) {
      head = make();
      this.#headByKey.set(key, head);
    }
    return head;
  }
}

/** Everything of an `X` event up to its time. */
export function sliceHead(category: string, name: string): Uint8Array {
  return Buffer.concat([jsonLiteral(`{"ph":"X","cat":"${category}","name":"`), jsonText(name), jsonLiteral('","ts":')]);
}
