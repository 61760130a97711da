/** A stretch of a trace, `[fromNs, toNs)` in ns since its start; `toNs` may be infinite: up to the end, which it includes. */
export interface TraceWindow {
  readonly fromNs: number;
  readonly toNs: number;
}

/** What both contain; empty when that is nothing. */
export function intersection(a: TraceWindow, b: TraceWindow): TraceWindow {
  const fromNs = Math.max(a.fromNs, b.fromNs);
  return { fromNs, toNs: Math.max(fromNs, Math.min(a.toNs, b.toNs)) };
}
