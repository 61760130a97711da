import type { TransitionBatch } from '../model/transition-batch.js';

/** Columns that are reused from segment to segment, growing to the largest. */
export class TransitionColumns implements TransitionBatch {
  length = 0;
  timeNs = new Float64Array();
  goid = new Float64Array();
  pid = new Uint32Array();
  tid = new Uint32Array();
  cpu = new Uint16Array();
  p = new Uint16Array();
  from = new Uint8Array();
  to = new Uint8Array();
  reason = new Uint16Array();
  waker = new Float64Array();
  wakeSource = new Uint8Array();
  stack = new Uint32Array();

  reserve(rows: number): void {
    this.length = rows;
    if (this.timeNs.length >= rows) return;
    this.timeNs = new Float64Array(rows);
    this.goid = new Float64Array(rows);
    this.pid = new Uint32Array(rows);
    this.tid = new Uint32Array(rows);
    this.cpu = new Uint16Array(rows);
    this.p = new Uint16Array(rows);
    this.from = new Uint8Array(rows);
    this.to = new Uint8Array(rows);
    this.reason = new Uint16Array(rows);
    this.waker = new Float64Array(rows);
    this.wakeSource = new Uint8Array(rows);
    this.stack = new Uint32Array(rows);
  }
}
