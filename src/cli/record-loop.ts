import { errorText, systemErrorCode } from '../base/errors.js';
import type { Recording } from '../capture/recording.js';
import type { TraceWriter } from '../trace/trace-writer.js';
import type { ProgressLine } from './progress-line.js';
import type { StopConditions } from './stop-conditions.js';

/** How often the ring buffer is read. The kernel never wakes the recorder: a wake-up per event triples the cost of one. */
const POLL_MS = 10;

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
  return new Promise((resolve, reject) => {
    const timer = setInterval(() => {
      const end = pollOnce();
      if (end === undefined) return;
      clearInterval(timer);
      stop.dispose();
      if (end instanceof Error) reject(end);
      else resolve(end);
    }, POLL_MS);

    const pollOnce = (): LoopEnd | Error | undefined => {
      try {
        recording.poll();
        const reason = stop.reason(writer.bytes);
        if (reason !== undefined) return { reason, failure: undefined, seconds: seconds() };
        if (progress.isDue()) {
          const { transitions, lost } = recording;
          progress.show({ seconds: seconds(), transitions, lost, bytes: writer.bytes });
        }
        return undefined;
      } catch (error) {
        if (systemErrorCode(error) === undefined) return error instanceof Error ? error : new Error(String(error));
        return { reason: `writing failed: ${errorText(error)}`, failure: error, seconds: seconds() };
      }
    };
  });
}
