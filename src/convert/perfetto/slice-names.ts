/** Names and categories of slices, interned once. */
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../model/span.js';
import type { Packets } from './packets.js';

export const Category = {
  goroutine: 'goroutine',
  systemStack: 'system stack',
  p: 'P',
  lost: 'lost',
  osThread: 'OS thread',
  call: 'call',
} as const;

/** Kinds of names in one map: reasons of spans, of code on the system stack, of unknown time at the start and at the end. */
const Table = { reason: 0, systemStack: 1, firstSeen: 2, lastSeen: 3 } as const;
const TABLES = 4;

export class SliceNames {
  readonly #packets: Packets;
  readonly #reasons: readonly string[];
  readonly #kinds: readonly number[];
  /** Of each kind, the category that bears its name. */
  readonly categories: readonly number[];
  readonly #iids: (number | undefined)[] = [];
  readonly #reasonTexts: (number | undefined)[] = [];

  /** `reasons` may grow. */
  constructor(packets: Packets, reasons: readonly string[]) {
    this.#packets = packets;
    this.#reasons = reasons;
    this.#kinds = SPAN_KIND_NAMES.map((name) => packets.name(name));
    this.categories = SPAN_KIND_NAMES.map((name) => packets.category(name));
  }

  /** A waiting span is called by its reason, an unknown one by what is nearest to it. */
  ofSpan({ kind, reason, hint }: Span, isFirst: boolean): number {
    if (kind === SpanKind.unknown) return this.#unknown(reason, hint, isFirst);
    if (kind !== SpanKind.waiting || reason === 0) return this.#kinds[kind]!;
    return this.#named(Table.reason, reason, () => this.#reasonName(reason));
  }

  ofSystemStack({ reason }: Span): number {
    return this.#named(Table.systemStack, reason, () => this.#reasonName(reason));
  }

  /** The reason as an argument: of a wait, or of what was seen last before unknown time. */
  reasonOf({ kind, reason }: Span): number | undefined {
    if (reason === 0 || (kind !== SpanKind.waiting && kind !== SpanKind.unknown)) return undefined;
    const known = this.#reasonTexts[reason];
    if (known !== undefined) return known;
    const iid = this.#packets.argText(this.#reasonName(reason));
    this.#reasonTexts[reason] = iid;
    return iid;
  }

  /** A goroutine that blocks to the end of the trace shows so: `unknown (last seen: chan receive)`. */
  #unknown(reason: number, hint: SpanKind, isFirst: boolean): number {
    const table = isFirst ? Table.firstSeen : Table.lastSeen;
    return this.#named(table, reason * SPAN_KIND_NAMES.length + hint, () => {
      const state = reason === 0 ? SPAN_KIND_NAMES[hint] : this.#reasonName(reason);
      return hint === SpanKind.unknown ? 'unknown' : `unknown (${isFirst ? 'first' : 'last'} seen: ${state})`;
    });
  }

  #reasonName(reason: number): string {
    return this.#reasons[reason] || 'waiting';
  }

  #named(table: number, index: number, text: () => string): number {
    const key = index * TABLES + table;
    const known = this.#iids[key];
    if (known !== undefined) return known;
    const iid = this.#packets.name(text());
    this.#iids[key] = iid;
    return iid;
  }
}
