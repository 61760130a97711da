import type { TraceFacts } from '../model/trace-facts.js';

/**
 * Wall-clock time of the recording host, ns since 1970 as a decimal string: it exceeds 2^53. Counted from the start of the
 * recording by the monotonic clock; a wall clock that was set meanwhile says something else.
 */
export function realtimeOf({ start }: TraceFacts, ns: number): string {
  const startNs = BigInt(start.realtimeNs);
  return startNs === 0n ? '' : String(startNs + BigInt(Math.round(ns)));
}

/** `12:03:04.1 UTC` of such a time. */
export function timeOfDay(realtimeNs: string): string {
  const tenths = BigInt(realtimeNs) / 100_000_000n;
  const date = new Date(Number(tenths) * 100);
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(11, 21)} UTC`;
}
