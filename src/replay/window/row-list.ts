import type { TransitionBatch } from '../../model/transition-batch.js';

const MINIMUM = 256;

/** Rows that were chosen one by one, as columns that grow. */
export class RowList implements TransitionBatch {
  length = 0;
  timeNs = new Float64Array(MINIMUM);
  goid = new Float64Array(MINIMUM);
  pid = new Uint32Array(MINIMUM);
  tid = new Uint32Array(MINIMUM);
  cpu = new Uint16Array(MINIMUM);
  p = new Uint16Array(MINIMUM);
  from = new Uint8Array(MINIMUM);
  to = new Uint8Array(MINIMUM);
  reason = new Uint16Array(MINIMUM);
  waker = new Float64Array(MINIMUM);
  wakeSource = new Uint8Array(MINIMUM);
  stack = new Uint32Array(MINIMUM);

  /** Copies a row. Returns its number here. */
  add(batch: TransitionBatch, row: number): number {
    const at = this.length++;
    if (at === this.timeNs.length) this.#grow();
    this.timeNs[at] = batch.timeNs[row]!;
    this.goid[at] = batch.goid[row]!;
    this.pid[at] = batch.pid[row]!;
    this.tid[at] = batch.tid[row]!;
    this.cpu[at] = batch.cpu[row]!;
    this.p[at] = batch.p[row]!;
    this.from[at] = batch.from[row]!;
    this.to[at] = batch.to[row]!;
    this.reason[at] = batch.reason[row]!;
    this.waker[at] = batch.waker[row]!;
    this.wakeSource[at] = batch.wakeSource[row]!;
    this.stack[at] = batch.stack[row]!;
    return at;
  }

  #grow(): void {
    const rows = this.timeNs.length * 2;
    this.timeNs = grown(this.timeNs, new Float64Array(rows));
    this.goid = grown(this.goid, new Float64Array(rows));
    this.pid = grown(this.pid, new Uint32Array(rows));
    this.tid = grown(this.tid, new Uint32Array(rows));
    this.cpu = grown(this.cpu, new Uint16Array(rows));
    this.p = grown(this.p, new Uint16Array(rows));
    this.from = grown(this.from, new Uint8Array(rows));
    this.to = grown(this.to, new Uint8Array(rows));
    this.reason = grown(this.reason, new Uint16Array(rows));
    this.waker = grown(this.waker, new Float64Array(rows));
    this.wakeSource = grown(this.wakeSource, new Uint8Array(rows));
    this.stack = grown(this.stack, new Uint32Array(rows));
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
