/** Events of Go's execution traces that are written: internal/trace/tracev2/events.go. */
export const EventType = {
  eventBatch: 1,
  stacks: 2,
  stack: 3,
  strings: 4,
  string: 5,
  frequency: 8,
  procStatus: 13,
  goCreate: 14,
  goStart: 16,
  goDestroy: 17,
  goStop: 19,
  goBlock: 20,
  goUnblock: 21,
  goSyscallBegin: 22,
  goSyscallEnd: 23,
  goStatus: 25,
  goCreateBlocked: 47,
  goStatusStack: 48,
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/** `ProcStatus` of tracev2/status.go. */
export const ProcStatus = { running: 1, syscall: 3 } as const;

/** The M of batches that belong to none, and of goroutines that are on none. */
export const NO_M = -1;
/** `MaxBatchSize`, `MaxFramesPerStack`, `MaxEventTrailerDataSize` of tracev2. */
export const MAX_BATCH_BYTES = 65_536;
export const MAX_FRAMES = 128;
export const MAX_STRING_BYTES = 1024;
