import type { ClockFact } from '../../model/trace-facts.js';

/** The clocks at a time of a trace, in proportion between its start and its end; without an end all run alike. */
export function clocksAt(timeNs: number, start: ClockFact, end: ClockFact | undefined): ClockFact {
  const length = end === undefined ? 0n : BigInt(end.monotonicNs) - BigInt(start.monotonicNs);
  const after = BigInt(Math.round(timeNs));
  const at = (clock: keyof ClockFact) => {
    const begin = BigInt(start[clock]);
    const ran = end === undefined ? 0n : BigInt(end[clock]) - begin;
    // A clock that was never read is 0.
    if (length <= 0n || ran <= 0n) return String(begin + after);
    return String(begin + (ran * after) / length);
  };
  return {
    monotonicNs: String(BigInt(start.monotonicNs) + after),
    boottimeNs: at('boottimeNs'),
    realtimeNs: at('realtimeNs'),
  };
}
