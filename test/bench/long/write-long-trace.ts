import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { TraceWriter } from '../../../src/trace/trace-writer.js';
import { longFacts, type Stretch } from './endless-segments.js';

const ROWS = 65_536;
const NO_LOSSES = {
  paired: 0,
  dropped: 0,
  faulted: 0,
  filtered: 0,
  partial: 0,
  folded: 0,
  unnamed: 0,
  mismatched: 0,
  clamped: 0,
};

/** Writes a trace of so many transitions. */
export function writeLongTrace(path: string, transitions: number, stretch: Stretch): void {
  const fd = openSync(path, 'w');
  try {
    const sink = {
      write: (bytes: Uint8Array) => void writeSync(fd, bytes),
      truncate: (offset: number) => ftruncateSync(fd, offset),
    };
    const writer = new TraceWriter(sink, longFacts, { reasons: stretch.reasons, level: 3 });
    let endNs = 0;
    for (let number = 0, left = transitions; left > 0; number++) {
      const { rows, encoded } = stretch.segment(number, Math.min(ROWS, left));
      writer.segment(rows, number === 0 ? stretch.goroutines : [], [], { encoded: { transitions: encoded } });
      left -= rows.length;
      endNs = rows.timeNs[rows.length - 1]!;
    }
    const monotonicNs = String(BigInt(longFacts.start.monotonicNs) + BigInt(endNs));
    writer.finish({
      end: { ...longFacts.start, monotonicNs },
      cost: { userCpuNs: 0, systemCpuNs: 0, peakRssBytes: 0, startupCpuNs: 0 },
      stopReason: 'long enough',
      losses: { ...NO_LOSSES, hits: transitions, submitted: transitions },
    });
  } finally {
    closeSync(fd);
  }
}
