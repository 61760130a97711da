/** State numbers are bytes; this is none of them. */
export const NEVER_SEEN = 0x100;

/**
 * What replay remembers of every goroutine, a column each, by its number in the table. Everything about the span at hand
 * is as it was at its start, except `partNs` and `partReason`.
 */
export class GoroutineColumns {
  /** `to` of its last event, or {@link NEVER_SEEN}. */
  state = new Uint16Array(0);
  /** `Phase` after its last event. */
  phase = new Uint8Array(0);
  /** Start of the span at hand. */
  startNs = new Float64Array(0);
  /** Time of the last event: until then the span at hand is certain. */
  partNs = new Float64Array(0);
  /** Reason given at the last event, where the span at hand is a running one. */
  partReason = new Uint16Array(0);
  reason = new Uint16Array(0);
  tid = new Uint32Array(0);
  cpu = new Uint16Array(0);
  p = new Uint16Array(0);
  /** 1 when a P was ever recorded for it: a row without one then means that it had none. */
  ranOnP = new Uint8Array(0);
  waker = new Float64Array(0);
  wakeSource = new Uint8Array(0);
  stack = new Uint32Array(0);

  /** Makes room for `count` goroutines. Columns are replaced: take them anew afterwards. */
  reserve(count: number): void {
    const old = this.state.length;
    if (count <= old) return;
    const length = Math.max(count, old * 2);
    this.state = copyInto(new Uint16Array(length).fill(NEVER_SEEN, old), this.state);
    this.phase = copyInto(new Uint8Array(length), this.phase);
    this.startNs = copyInto(new Float64Array(length), this.startNs);
    this.partNs = copyInto(new Float64Array(length), this.partNs);
    this.partReason = copyInto(new Uint16Array(length), this.partReason);
    this.reason = copyInto(new Uint16Array(length), this.reason);
    this.tid = copyInto(new Uint32Array(length), this.tid);
    this.cpu = copyInto(new Uint16Array(length), this.cpu);
    this.p = copyInto(new Uint16Array(length), this.p);
    this.ranOnP = copyInto(new Uint8Array(length), this.ranOnP);
    this.waker = copyInto(new Float64Array(length), this.waker);
    this.wakeSource = copyInto(new Uint8Array(length), this.wakeSource);
    this.stack = copyInto(new Uint32Array(length), this.stack);
  }
}

function copyInto<T extends { set(source: T): void }>(target: T, source: T): T {
  target.set(source);
  return target;
}
