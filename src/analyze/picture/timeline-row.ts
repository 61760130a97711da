/** One goroutine's time line: all of its spans while they are few, and cells of time in any case. */
import { SPAN_KIND_NAMES, type Span } from '../../model/span.js';
import type { TimelineRow } from './picture.js';

/** Spans that are kept as they are. */
const EXACT_MAX = 1200;
export const CELLS = 1200;
const KINDS = SPAN_KIND_NAMES.length;

type Piece = [startNs: number, endNs: number, kind: number, reason: number];

export class TimelineRowBuilder {
  readonly #startNs: number;
  readonly #cellNs: number;
  /** ns of each state in each cell; most of a cell names it. */
  readonly #cells = new Float64Array(CELLS * KINDS);
  #exact: Piece[] | undefined = [];

  constructor(startNs: number, endNs: number) {
    this.#startNs = startNs;
    this.#cellNs = Math.max(1, (endNs - startNs) / CELLS);
  }

  span({ startNs, endNs, kind, reason }: Span): void {
    if (endNs <= startNs) return;
    if (this.#exact !== undefined) {
      if (this.#exact.length < EXACT_MAX) this.#exact.push([startNs, endNs, kind, reason]);
      else this.#exact = undefined;
    }
    const first = this.#cellAt(startNs);
    const last = this.#cellAt(endNs);
    for (let cell = first; cell <= last; cell++) {
      const from = Math.max(startNs, this.#startNs + cell * this.#cellNs);
      const to = Math.min(endNs, this.#startNs + (cell + 1) * this.#cellNs);
      const at = cell * KINDS + kind;
      if (to > from) this.#cells[at] = this.#cells[at]! + to - from;
    }
  }

  /** @param reasonTexts of the trace */
  result(reasonTexts: readonly string[]): Pick<TimelineRow, 'exact' | 'pieces' | 'reasons'> {
    if (this.#exact === undefined) return { exact: false, pieces: this.#runs(), reasons: [] };
    const numbers = new Map<number, number>();
    const numberOf = (reason: number) => {
      if (reason === 0) return -1;
      const number = numbers.get(reason) ?? numbers.size;
      numbers.set(reason, number);
      return number;
    };
    const pieces = this.#exact
      .sort((a, b) => a[0] - b[0])
      .map(([from, to, kind, reason]): Piece => [from, to, kind, numberOf(reason)]);
    return { exact: true, pieces, reasons: [...numbers.keys()].map((reason) => reasonTexts[reason] ?? '') };
  }

  /** Cells of the same state side by side are one piece; where the goroutine did not live there is none. */
  #runs(): Piece[] {
    const pieces: Piece[] = [];
    for (let cell = 0; cell < CELLS; cell++) {
      const kind = this.#mostOf(cell);
      if (kind < 0) continue;
      const from = this.#startNs + cell * this.#cellNs;
      const before = pieces.at(-1);
      if (before !== undefined && before[2] === kind && Math.abs(before[1] - from) < 1) before[1] = from + this.#cellNs;
      else pieces.push([from, from + this.#cellNs, kind, -1]);
    }
    return pieces;
  }

  #mostOf(cell: number): number {
    let most = -1;
    let ns = 0;
    for (let kind = 0; kind < KINDS; kind++) {
      const here = this.#cells[cell * KINDS + kind]!;
      if (here > ns) [most, ns] = [kind, here];
    }
    return most;
  }

  #cellAt(timeNs: number): number {
    return Math.min(CELLS - 1, Math.max(0, Math.floor((timeNs - this.#startNs) / this.#cellNs)));
  }
}
