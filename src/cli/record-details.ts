/** What is recorded besides changes of state, as the options ask. */
import type { DetailSource } from '../capture/detail-source.js';
import type { GoTarget } from '../capture/go-target.js';
import type { Capture } from './record-target.js';

export interface DetailOptions {
  readonly sched: boolean;
  /** Functions whose calls are recorded, looked up before anything was started. */
  readonly calls: Awaited<ReturnType<Capture['planCalls']>> | undefined;
  /** Of the ring buffer for changes of state. */
  readonly bufferBytes: number;
}

/** The kernel's page size at least: a smaller ring buffer is refused. */
const MINIMUM_BUFFER = 4096;

/** Attached, not recording yet. @throws UserError */
export async function detailSources(
  capture: Capture,
  target: GoTarget,
  { sched, calls, bufferBytes }: DetailOptions,
): Promise<DetailSource[]> {
  const sources: DetailSource[] = [];
  try {
    // A switch of a thread is a third as large as a change of state, and by far less frequent.
    if (sched) sources.push(new capture.SchedSource(target, Math.max(MINIMUM_BUFFER, bufferBytes / 8)));
    // A call is two events; with strings up to seven times as large as a change of state, but 10 times as slow to make.
    if (calls) sources.push(await capture.CallSource.open(target, calls, bufferBytes));
    return sources;
  } catch (error) {
    for (const source of sources) source[Symbol.dispose]();
    throw error;
  }
}
