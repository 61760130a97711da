/** One goroutine's life as a list of named stretches: the common ground of two tracers. */
export interface NamedSpan {
  readonly startNs: number;
  readonly endNs: number;
  /** `execution`, `sched wait`, `syscall`, `block: chan receive`: Go's words. */
  readonly state: string;
}
/** In order of time, without overlap. */
export type SpanList = NamedSpan[];
export type SpansByGoid = ReadonlyMap<number, SpanList>;
