import { errorText, systemErrorCode } from '../base/errors.js';
import type { Recording } from '../capture/recording.js';
import type { TraceWriter } from '../trace/trace-writer.js';
import type { ProgressLine } from './progress-line.js';
import type { StopConditions } from './stop-conditions.js';

/** How often the ring buffer is read. The kernel never wakes the recorder: a wake-up per event triples the cost of one. */
const POLL_MS = 10;
/** A wake-up of Node costs about 120 µs: fewer of them while the ring stays nearly empty. */
const IDLE_POLL_MS = 40;
const NEARLY_EMPTY = 1 / 32;

export interface LoopEnd {
  readonly reason: string;
  /** Why writing stopped, or undefined. The file holds what was complete before. */
  readonly failure: unknown;
  readonly seconds: number;
}

/** Polls on one timer until something ends the recording. @throws what is not about writing the file */
export function recordUntil(
  recording: Recording,
  writer: TraceWriter,
  stop: StopConditions,
  progress: ProgressLine,
): Promise<LoopEnd> {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const pollOnce = (): LoopEnd | number => {
    const waiting = recording.poll();
    const reason = stop.reason(writer.bytes);
    if (reason !== undefined) return { reason, failure: undefined, seconds: seconds() };
    if (progress.isDue()) {
      const { transitions, lost } = recording;
      progress.show({ seconds: seconds(), transitions, lost, bytes: writer.bytes });
    }
    return waiting < recording.bufferBytes * NEARLY_EMPTY ? IDLE_POLL_MS : POLL_MS;
  };
  return new Promise((resolve, reject) => {
    const step = () => {
      try {
        const next = pollOnce();
        if (typeof next === 'number') setTimeout(step, next);
        else resolve(next);
      } catch (error) {
        if (systemErrorCode(error) === undefined) reject(error);
        else resolve({ reason: `writing failed: ${errorText(error)}`, failure: error, seconds: seconds() });
      }
    };
    step();
  });
}
