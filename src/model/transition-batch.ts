/** No P was attached, or it was not recorded. */
export const NO_P = 0xffff;
/** `stack` of a row without a recorded stack. */
export const NO_STACK = 0;

/**
 * A run of transitions, one segment of a trace at most, as columns of at least `length` rows. Rows are in order of time.
 * Columns are reused by their producer: copy what must outlive the next batch.
 */
export interface TransitionBatch {
  readonly length: number;
  /** Nanoseconds since the start of the trace. Exact: a float64 holds 104 days of them. */
  readonly timeNs: Float64Array;
  /** 0: the goroutine's id was never learned. Ids are unique per process, not between processes. */
  readonly goid: Float64Array;
  /** Process id as the recording host saw it. */
  readonly pid: Uint32Array;
  /** Thread that made the change. */
  readonly tid: Uint32Array;
  readonly cpu: Uint16Array;
  /** Id of the thread's P on changes to running and from running to runnable, {@link NO_P} when it had none; else {@link NO_P}. */
  readonly p: Uint16Array;
  /** States before and after, numbers of `GoState` or others. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  /** Index into the trace's list of wait reasons; 0 is none. Set on changes to waiting. */
  readonly reason: Uint16Array;
  /** On waiting→runnable the waking goroutine's id, on dead→runnable the creator's; 0 is none. */
  readonly waker: Float64Array;
  /** Numbers of `WakeSource`. */
  readonly wakeSource: Uint8Array;
  /** Id in the trace's table of stacks, or {@link NO_STACK}. */
  readonly stack: Uint32Array;
}

/** Rows `from` to `to` (exclusive) of a batch, as views of its columns. */
export function sliceRows(batch: TransitionBatch, from: number, to: number): TransitionBatch {
  if (from === 0 && to === batch.length) return batch;
  return {
    length: to - from,
    timeNs: batch.timeNs.subarray(from, to),
    goid: batch.goid.subarray(from, to),
    pid: batch.pid.subarray(from, to),
    tid: batch.tid.subarray(from, to),
    cpu: batch.cpu.subarray(from, to),
    p: batch.p.subarray(from, to),
    from: batch.from.subarray(from, to),
    to: batch.to.subarray(from, to),
    reason: batch.reason.subarray(from, to),
    waker: batch.waker.subarray(from, to),
    wakeSource: batch.wakeSource.subarray(from, to),
    stack: batch.stack.subarray(from, to),
  };
}
