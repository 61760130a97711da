/** Time of spans that came in, of those that a profile shows, and of those that it leaves out, by kind. */
import { UserError } from '../base/errors.js';
import { formatNs } from '../base/text.js';
import { SPAN_KIND_NAMES, type Span, type SpanKind } from '../model/span.js';
import { ExactSum } from './exact-sum.js';

/** Sums of larger numbers would not be exact. @throws UserError */
export function checkTimes({ startNs, endNs }: Span): void {
  if (startNs >= 0 && endNs >= startNs && endNs <= Number.MAX_SAFE_INTEGER) return;
  const found = `a span from ${startNs} to ${endNs} ns`;
  throw new UserError(`${found}: its times cannot be shown; the trace is damaged (gotape verify says where)`);
}

export class TimeAudit {
  readonly #readNs = SPAN_KIND_NAMES.map(() => new ExactSum());
  readonly #shownNs = SPAN_KIND_NAMES.map(() => new ExactSum());
  readonly #leftOutNs = SPAN_KIND_NAMES.map(() => new ExactSum());

  /** @throws UserError for times that no profile can show */
  read(span: Span): void {
    const { kind, startNs, endNs } = span;
    checkTimes(span);
    this.#readNs[kind]!.add(endNs - startNs);
  }

  shown(kind: SpanKind, ns: ExactSum): void {
    this.#shownNs[kind]!.addAll(ns);
  }

  leftOut({ kind, startNs, endNs }: Span): void {
    this.#leftOutNs[kind]!.add(endNs - startNs);
  }

  /** @throws Error when time of a kind is neither shown nor left out */
  check(): void {
    for (const [kind, name] of SPAN_KIND_NAMES.entries()) {
      const readNs = this.#readNs[kind]!.value;
      const foundNs = this.#shownNs[kind]!.value + this.#leftOutNs[kind]!.value;
      if (readNs === foundNs) continue;
      throw new Error(
        `conversion audit: ${readNs} ns ${name} came in, ${foundNs} are accounted for (a defect of gotape)`,
      );
    }
  }

  /** `left out: 3 s running, 2 ms unknown`; empty when nothing was. */
  leftOutText(): string {
    const parts = SPAN_KIND_NAMES.flatMap((name, kind) => {
      const ns = this.#leftOutNs[kind]!.value;
      return ns > 0n ? [`${formatNs(Number(ns))} ${name}`] : [];
    });
    return parts.length > 0 ? `left out: ${parts.join(', ')}` : '';
  }
}
