import type { TransitionBatch } from '../model/transition-batch.js';

/** Columns that are reused from segment to segment, growing to the largest. */
export class TransitionColumns implements TransitionBatch {
  length = 0;
  timeNs: Float64Array = new Float64Array();
  goid: Float64Array = new Float64Array();
  pid: Uint32Array = new Uint32Array();
  tid: Uint32Array = new Uint32Array();
  cpu: Uint16Array = new Uint16Array();
  p: Uint16Array = new Uint16Array();
  from: Uint8Array = new Uint8Array();
  to: Uint8Array = new Uint8Array();
  reason: Uint16Array = new Uint16Array();
  waker: Float64Array = new Float64Array();
  wakeSource: Uint8Array = new Uint8Array();
  stack: Uint32Array = new Uint32Array();

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
