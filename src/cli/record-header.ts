import type { GoTarget } from '../capture/go-target.js';
import type { Recording } from '../capture/recording.js';
import type { RecordOptionsFact, TraceFacts } from '../model/trace-facts.js';
import { FORMAT_VERSION } from '../trace/trace-header.js';
import type { Capture } from './record-target.js';
import { versionText } from './version.js';

/** The trace's header, known when the probes are in place. */
export function headerOf(
  capture: Capture,
  recording: Recording,
  target: GoTarget,
  options: RecordOptionsFact & { readonly notes: readonly string[] },
): TraceFacts {
  return {
    formatVersion: FORMAT_VERSION,
    producer: `gotape ${versionText()}`,
    host: capture.hostFact(),
    start: capture.clockFact(recording.start),
    targets: [capture.targetFact(target)],
    probes: recording.probes,
    invisible: [...capture.invisibleIn(recording.probes), ...recording.invisible],
    options,
    notes: options.notes,
  };
}
