/**
 * Creations whose row waits for the goroutine's id. Up to Go 1.23 `newproc1` assigns it after the state has changed, so
 * that the event of a creation still shows the id of the goroutine that had this g before; the next event of the g
 * shows the right one.
 */
import type { Label } from '../model/trace-facts.js';

export interface Creation {
  /** Row of the event in the row buffer; negative when it was written without an id. */
  row: number;
  readonly timeNs: number;
  readonly startPc: number;
  readonly goPc: number;
  readonly parentGoid: number;
  /** pprof labels that it inherits. */
  readonly labels?: readonly Label[] | undefined;
}

export class PendingCreations {
  readonly #byNumber = new Map<number, Creation>();
  #last = 0;

  /** Remembers a creation and returns its number (from 1). */
  add(creation: Creation): number {
    this.#last = (this.#last + 1) >>> 0 || 1;
    this.#byNumber.set(this.#last, creation);
    return this.#last;
  }

  /** The creation with this number, which waits no longer. */
  take(number: number): Creation | undefined {
    const creation = this.#byNumber.get(number);
    this.#byNumber.delete(number);
    return creation;
  }

  /** Row of the oldest creation after `sinceNs` that still can get its id, or `otherwise` when that is smaller. */
  oldestRow(otherwise: number, sinceNs: number): number {
    let oldest = otherwise;
    for (const { row, timeNs } of this.#byNumber.values())
      if (row >= 0 && row < oldest && timeNs > sinceNs) oldest = row;
    return oldest;
  }

  /** A row was opened at `row`: those after it have moved up. */
  rowInserted(row: number): void {
    for (const creation of this.#byNumber.values()) if (creation.row >= row) creation.row++;
  }

  /** The first `rows` rows were written. Returns how many creations among them never got an id. */
  rowsWritten(rows: number): number {
    let unnamed = 0;
    for (const creation of this.#byNumber.values()) {
      if (creation.row < 0) continue;
      if (creation.row < rows) unnamed++;
      creation.row -= rows;
    }
    return unnamed;
  }
}
