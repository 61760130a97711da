import { CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME, clockGettime } from './libc-bindings.js';

/** One moment on three clocks, ns (clock_gettime(2)). */
export interface Clocks {
  readonly monotonicNs: bigint;
  readonly boottimeNs: bigint;
  readonly realtimeNs: bigint;
}

export function readClocks(): Clocks {
  return {
    monotonicNs: readClock(CLOCK_MONOTONIC),
    boottimeNs: readClock(CLOCK_BOOTTIME),
    realtimeNs: readClock(CLOCK_REALTIME),
  };
}

/** CLOCK_MONOTONIC, the clock of `bpf_ktime_get_ns`; libuv's hrtime is the same. */
export function monotonicNs(): bigint {
  return process.hrtime.bigint();
}

function readClock(clock: number): bigint {
  const timespec = new BigInt64Array(2);
  clockGettime(clock, timespec);
  return timespec[0]! * 1_000_000_000n + timespec[1]!;
}
