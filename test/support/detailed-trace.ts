/** A trace with everything that a trace may hold, and with names that no honest program has. */
import { NO_SYSCALL, OsState } from '../../src/model/os-schedule.js';
import type { GoroutineInfo } from '../../src/model/trace-facts.js';
import type { SegmentDetails, TraceSource } from '../../src/model/trace-segment.js';
import { syntheticTrace } from './synthetic-trace.js';

export const HOSTILE = '=cmd|" /C calc"!A0,\u001b[2J\n\'); DROP TABLE t;--\u202e\ud800é日本😀';
export const DETAILED_PID = 4242;
/** 2026-11-23T01:00:00.123456789Z */
export const START_REALTIME_NS = 1_795_395_600_123_456_789n;

export const DETAILS: Required<Pick<SegmentDetails, 'frames' | 'stacks' | 'calls' | 'osSchedule'>> = {
  frames: [
    { id: 1, function: 'main.work', file: '/srv/main.go', line: 7, inlined: true },
    { id: 2, function: HOSTILE, file: '', line: 0, inlined: false },
  ],
  stacks: [
    { id: 1, frames: [1, 2], truncated: false },
    { id: 2, frames: [2], truncated: true },
  ],
  calls: [
    call(1_001_000, 1_002_000, 1, 'main.inner', 'n=3 name="x"'),
    call(1_000_500, 1_040_000, 0, 'main.outer', ''),
    call(1_050_000, 1_050_001, 0, HOSTILE, HOSTILE),
  ],
  osSchedule: {
    length: 3,
    timeNs: Float64Array.of(100, 200, 5000),
    pid: Uint32Array.of(DETAILED_PID, DETAILED_PID, DETAILED_PID),
    tid: Uint32Array.of(4242, 4243, 4242),
    cpu: Uint16Array.of(0, 1, 0),
    state: Uint8Array.of(OsState.onCpu, OsState.onCpu, OsState.sleeping),
    syscall: Int16Array.of(NO_SYSCALL, NO_SYSCALL, 202),
  },
};

function call(startNs: number, endNs: number, depth: number, name: string, text: string) {
  return {
    pid: DETAILED_PID,
    goid: 1,
    tid: 4242,
    function: name,
    startNs,
    endNs,
    depth,
    outcome: 'returned',
    arguments: text,
  } as const;
}

/** Several batches of rows, and the {@link DETAILS} in its first segment. */
export function detailedTrace(rowsPerSegment = 22_000, segments = 4): TraceSource {
  const source = syntheticTrace({ goroutines: 60, segments, rowsPerSegment });
  return {
    facts: {
      ...source.facts,
      host: { ...source.facts.host, hostname: 'web/../1' },
      start: { monotonicNs: '0', boottimeNs: '0', realtimeNs: String(START_REALTIME_NS) },
    },
    endNs: source.endNs,
    reasons: source.reasons,
    async *segments() {
      for await (const segment of source.segments()) {
        if (segment.index === 0) yield { ...segment, ...DETAILS, goroutines: [info(1, HOSTILE), info(2, 'main.work')] };
        else yield segment;
      }
    },
  };
}

function info(goid: number, startFunction: string): GoroutineInfo {
  const labels = goid === 2 ? [{ key: 'tenant', value: 'a"b' }] : [];
  return {
    pid: DETAILED_PID,
    goid,
    firstSeenNs: 0,
    origin: 'created',
    parentGoid: goid - 1,
    startFunction,
    createdBy: 'main.main main.go:3',
    labels,
  };
}
