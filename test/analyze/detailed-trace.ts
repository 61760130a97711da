/** A small trace with everything that a recording can have: a server whose handlers leak, recorded with all details. */
import { OsScheduleList, OsState } from '../../src/model/os-schedule.js';
import type { GoroutineInfo } from '../../src/model/trace-facts.js';
import type { TraceSegment, TraceSource } from '../../src/model/trace-segment.js';
import { emptyFacts, textTrace } from '../support/text-trace.js';

export const MS = 1_000_000;
/** Noon, one second after. */
export const START_REALTIME_NS = '1767268801000000000';

/** Each handler runs 2 ms, waits for the worker, makes a system call, and every second one blocks for ever. */
export function detailedTrace(handlers = 20): TraceSource {
  const lines = ['found 1 main.main', '0 1 runnable running p=0 tid=100'];
  for (let handler = 0; handler < handlers; handler++) lines.push(...handlerLines(handler));
  lines.push(`end ${(handlers + 10) * 10 * MS}`);
  const source = textTrace(lines.join('\n'), {
    ...emptyFacts,
    start: { monotonicNs: '0', boottimeNs: '0', realtimeNs: START_REALTIME_NS },
  });
  return {
    facts: source.facts,
    reasons: source.reasons,
    endNs: source.endNs,
    segments: () => withDetails(source.segments(), handlers),
  };
}

function handlerLines(handler: number): string[] {
  const goid = 100 + handler;
  const start = handler * 10 * MS;
  const at = (ms: number) => start + ms * MS;
  const lines = [
    `created ${goid} 1 main.handle at=${at(1)}`,
    `${at(1)} ${goid} dead runnable waker=1 by=goroutine tid=100`,
    `${at(2)} ${goid} runnable running p=1 tid=101`,
    `${at(4)} ${goid} running syscall tid=101`,
    `${at(5)} ${goid} syscall running p=1 tid=101`,
    `${at(6)} ${goid} running waiting reason=${handler % 2 === 0 ? 'chan_receive stack=1' : 'sync.Mutex.Lock stack=2'} tid=101`,
  ];
  if (handler % 2 === 0) return lines;
  return [
    ...lines,
    `${at(8)} ${goid} waiting runnable waker=1 by=goroutine tid=100`,
    `${at(8.5)} ${goid} runnable running p=1 tid=101`,
    `${at(9)} ${goid} running dead tid=101`,
  ];
}

async function* withDetails(segments: AsyncIterable<TraceSegment>, handlers: number): AsyncIterable<TraceSegment> {
  for await (const segment of segments)
    yield segment.index === 0 ? { ...segment, ...details(segment, handlers) } : segment;
}

function details({ goroutines }: TraceSegment, handlers: number): Partial<TraceSegment> {
  const osSchedule = new OsScheduleList();
  for (const [row, tid] of [100, 101].entries()) {
    osSchedule.reserve(row + 1);
    osSchedule.timeNs[row] = 0;
    osSchedule.pid[row] = 1;
    osSchedule.tid[row] = tid;
    osSchedule.state[row] = OsState.onCpu;
    osSchedule.syscall[row] = -1;
    osSchedule.length++;
  }
  const label = (info: GoroutineInfo) => ({
    ...info,
    createdBy: info.goid === 1 ? '' : 'main.serve main.go:20',
    labels: info.goid === 1 ? undefined : [{ key: 'path', value: info.goid % 2 === 0 ? '/leak' : '/fine' }],
  });
  return {
    goroutines: goroutines.map(label),
    frames: [
      { id: 1, function: 'main.handle', file: 'main.go', line: 42, inlined: false },
      { id: 2, function: 'sync.(*Mutex).Lock', file: 'sync/mutex.go', line: 81, inlined: false },
    ],
    stacks: [
      { id: 1, frames: [1], truncated: false },
      { id: 2, frames: [2, 1], truncated: true },
    ],
    calls: Array.from({ length: handlers }, (_, handler) => handler)
      .filter((handler) => handler % 2 === 1)
      .map((handler) => ({
        pid: 1,
        goid: 100 + handler,
        tid: 101,
        function: 'main.work',
        startNs: (handler * 10 + 3) * MS,
        endNs: (handler * 10 + 8.75) * MS,
        depth: 0,
        outcome: 'returned' as const,
        arguments: `n=${handler}`,
      })),
    osSchedule,
  };
}
