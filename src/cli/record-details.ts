/** What is recorded besides changes of state, as the options ask. */
import type { DetailSource } from '../capture/detail-source.js';
import type { GoTarget } from '../capture/go-target.js';
import type { Capture } from './record-target.js';

export interface DetailOptions {
  readonly sched: boolean;
  /** Of the ring buffer for changes of state. */
  readonly bufferBytes: number;
}

/** The kernel's page size at least: a smaller ring buffer is refused. */
const MINIMUM_BUFFER = 4096;

/** Attached, not recording yet. @throws UserError */
export function detailSources(
  capture: Capture,
  target: GoTarget,
  { sched, bufferBytes }: DetailOptions,
): DetailSource[] {
  // A switch of a thread is a third as large as a change of state, and by far less frequent.
  return sched ? [new capture.SchedSource(target, Math.max(MINIMUM_BUFFER, bufferBytes / 8))] : [];
}
