/** What made a waiting goroutine runnable, told by the goroutine that the waking thread ran at that moment. */
export const WakeSource = {
  /** Not a wake-up, or not recorded. */
  none: 0,
  /** A goroutine: its id is in `waker`. */
  goroutine: 1,
  /** No goroutine ran on the waking thread: the scheduler itself, for a reason that none of the following names. */
  scheduler: 2,
  timer: 3,
  netpoll: 4,
  gc: 5,
  /** The runtime's monitor thread: it starts the periodic collection, the scavenger, the update of GOMAXPROCS. */
  sysmon: 6,
} as const;

const names = Object.keys(WakeSource);

export function wakeSourceName(source: number): string {
  return names[source] ?? 'none';
}

/** 0 (`none`) for a name of a later version. */
export function parseWakeSource(name: string): number {
  return Math.max(0, names.indexOf(name));
}
