import { describe, expect, test } from 'vitest';
import { OsTime } from '../../src/analyze/os-time.js';
import type { OsTimes } from '../../src/analyze/os-times.js';
import { MAXIMUM_ROWS } from '../../src/analyze/thread-history.js';
import { OsScheduleList, parseOsState } from '../../src/model/os-schedule.js';
import type { Gap } from '../../src/model/trace-facts.js';
import type { TraceWindow } from '../../src/model/trace-window.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { Replay } from '../../src/replay/replay.js';
import { DEFAULT_PID, textTrace } from '../support/text-trace.js';

interface Extra {
  readonly gaps?: readonly Gap[];
  readonly window?: TraceWindow;
}

/** One row per line: `TIME TID STATE [SYSCALL]`; rows between `segment` lines belong to one segment of the trace. */
function scheduleOf(text: string): OsScheduleList {
  const list = new OsScheduleList();
  for (const line of text.split('\n')) {
    const [time, tid, state = '', syscall = '-1', pid] = line.trim().split(/\s+/);
    if (state === '') continue;
    list.reserve(++list.length);
    const row = list.length - 1;
    list.timeNs[row] = Number(time);
    list.tid[row] = Number(tid);
    list.pid[row] = Number(pid ?? DEFAULT_PID);
    list.state[row] = parseOsState(state);
    list.syscall[row] = Number(syscall);
  }
  return list;
}

async function join(transitions: string, schedule: string, { gaps = [], window }: Extra = {}): Promise<OsTime> {
  const source = textTrace(transitions);
  const goroutines = new GoroutineTable();
  const osTime = new OsTime(goroutines, window);
  const ignore = () => undefined;
  const sink = { begin: ignore, end: ignore, systemStack: ignore, span: osTime.span.bind(osTime) };
  const replay = new Replay(source.reasons, goroutines, sink);
  const schedules = schedule.split('segment').map(scheduleOf);
  for await (const segment of source.segments()) {
    osTime.segment({ gaps: segment.index === 0 ? gaps : [], osSchedule: schedules[segment.index] });
    replay.segment(segment);
  }
  replay.finish(source.endNs);
  return osTime;
}

/** The parts that are not 0. */
function parts(times: OsTimes['execution']): Record<string, number> {
  return Object.fromEntries(Object.entries(times).filter(([, ns]) => ns !== 0));
}

const execution = async (...args: Parameters<typeof join>) => parts((await join(...args)).result().execution);

const RUNS = `
  100 1 runnable running tid=7
  200 1 running waiting tid=7
  end 300`;

describe('execution time', () => {
  test('is on a CPU as long as its thread does not leave it', async () => {
    expect(await execution(RUNS, '50 7 onCpu\n 210 7 sleeping 202')).toEqual({ onCpuNs: 100 });
  });

  test('is preempted while the OS gave the CPU to something else', async () => {
    expect(await execution(RUNS, '50 7 onCpu\n 120 7 preempted\n 150 7 onCpu')).toEqual({
      onCpuNs: 70,
      preemptedNs: 30,
    });
  });

  test('is asleep in a fault without a system call, and in a raw system call with one', async () => {
    const schedule = '50 7 onCpu\n 110 7 uninterruptible\n 115 7 onCpu\n 130 7 sleeping 39\n 160 7 onCpu';
    expect(await execution(RUNS, schedule)).toEqual({ onCpuNs: 65, asleepInFaultNs: 5, asleepInSyscallNs: 30 });
  });

  test('is stopped while a signal or debugger holds the thread', async () => {
    expect(await execution(RUNS, '120 7 stopped\n 190 7 onCpu')).toEqual({ onCpuNs: 30, stoppedNs: 70 });
  });

  test('is on a CPU before the first row of a thread: it changed a state there', async () => {
    expect(await execution(RUNS, '120 7 preempted\n 150 7 onCpu')).toEqual({ onCpuNs: 70, preemptedNs: 30 });
    expect(await execution(RUNS, '10 9 onCpu')).toEqual({ onCpuNs: 100 });
  });

  test('is unknown between rows that contradict each other', async () => {
    expect(await execution(RUNS, '50 7 onCpu\n 120 7 onCpu\n 150 7 onCpu')).toEqual({ unknownNs: 50, onCpuNs: 50 });
    expect(await execution(RUNS, '120 7 preempted\n 150 7 sleeping 0\n 160 7 onCpu')).toEqual({
      onCpuNs: 60,
      unknownNs: 30,
      asleepInSyscallNs: 10,
    });
    // Whoever changes a state at 200 cannot have been off the CPU.
    expect(await execution(RUNS, '120 7 preempted')).toEqual({ onCpuNs: 20, unknownNs: 80 });
  });

  test('is unknown in pieces in which rows were lost', async () => {
    const gaps = [{ fromNs: 130, toNs: 135, lost: 1, why: 'ring full', stream: 'osSchedule' }];
    const schedule = '50 7 onCpu\n 120 7 preempted\n 150 7 onCpu';
    expect(await execution(RUNS, schedule, { gaps })).toEqual({ onCpuNs: 70, unknownNs: 30 });
  });

  test('does not care for transitions that were lost', async () => {
    const gaps = [{ fromNs: 130, toNs: 135, lost: 1, why: 'ring full' }];
    expect(await execution(RUNS, '50 7 onCpu', { gaps })).toEqual({ onCpuNs: 100 });
  });

  test('of a process without rows is unknown', async () => {
    expect(await execution(RUNS, '50 7 onCpu -1 2')).toEqual({ unknownNs: 100 });
    expect((await join(RUNS, '')).hasSchedule).toBe(false);
  });

  test('is told apart by goroutine, thread and segment', async () => {
    const osTime = await join(
      `
      100 1 runnable running tid=7
      110 2 runnable running tid=8
      segment
      200 1 running waiting tid=7
      200 2 running waiting tid=8
      300 2 waiting runnable tid=7
      310 2 runnable running tid=7
      320 2 running waiting tid=7
      end 400`,
      '105 7 preempted\n segment\n 150 7 onCpu\n 160 8 uninterruptible\n 170 8 onCpu\n 210 7 sleeping 202\n 290 7 onCpu',
    );
    expect(parts(osTime.ofGoroutine(0).execution)).toEqual({ onCpuNs: 55, preemptedNs: 45 });
    expect(parts(osTime.ofGoroutine(1).execution)).toEqual({ onCpuNs: 90, asleepInFaultNs: 10 });
    expect(parts(osTime.ofGoroutine(99).execution)).toEqual({});
  });
});

describe('execution time of a window', () => {
  const schedule = '50 7 onCpu\n 120 7 preempted\n 150 7 onCpu';

  test('is what lies in it', async () => {
    const window = { fromNs: 130, toNs: 180 };
    expect(await execution(RUNS, schedule, { window })).toEqual({ preemptedNs: 20, onCpuNs: 30 });
  });

  test('is known from its border on where only its own rows are there', async () => {
    const window = { fromNs: 130, toNs: 180 };
    expect(await execution(RUNS, '150 7 onCpu', { window })).toEqual({ unknownNs: 20, onCpuNs: 30 });
    expect(await execution(RUNS, '140 7 preempted\n 160 7 onCpu', { window })).toEqual({
      onCpuNs: 30,
      preemptedNs: 20,
    });
    expect(await execution(RUNS, '140 7 preempted', { window })).toEqual({ onCpuNs: 10, preemptedNs: 40 });
    expect(await execution(RUNS, '140 8 preempted', { window })).toEqual({ unknownNs: 50 });
  });
});

const CALLS = `
  100 1 running syscall tid=7
  200 1 syscall running tid=7
  210 1 running syscall tid=7
  215 1 syscall running tid=7
  220 1 running waiting tid=7
  end 300`;

describe('syscall time', () => {
  test('is told by the call in which the thread left the CPU', async () => {
    const osTime = await join(CALLS, '110 7 sleeping 0\n 190 7 onCpu');
    const { syscalls, bySyscall } = osTime.result();
    expect(parts(syscalls)).toEqual({ onCpuNs: 25, asleepInSyscallNs: 80 });
    expect(bySyscall).toEqual([
      { number: 0, spans: 1, onCpuNs: 20, preemptedNs: 0, asleepNs: 80 },
      { number: -1, spans: 1, onCpuNs: 5, preemptedNs: 0, asleepNs: 0 },
    ]);
  });

  test('of several calls in one span (cgo) is told by each', async () => {
    const osTime = await join(
      CALLS,
      '110 7 sleeping 0\n 130 7 onCpu\n 140 7 preempted\n 150 7 onCpu\n 160 7 sleeping 35\n 190 7 onCpu',
    );
    expect(osTime.result().bySyscall).toEqual([
      { number: 35, spans: 0, onCpuNs: 20, preemptedNs: 0, asleepNs: 30 },
      { number: 0, spans: 1, onCpuNs: 10, preemptedNs: 0, asleepNs: 20 },
      { number: -1, spans: 1, onCpuNs: 15, preemptedNs: 10, asleepNs: 0 },
    ]);
  });
});

describe('a span with more rows than are kept', () => {
  const rounds = 3 * MAXIMUM_ROWS;
  const schedule = Array.from(
    { length: rounds },
    (_, i) => `${1000 + 10 * i} 7 ${i % 2 === 0 ? 'preempted' : 'onCpu'}`,
  ).join('\n');
  const endNs = 1000 + 10 * rounds;

  test('is told exactly', async () => {
    const one = `500 1 runnable running tid=7\n ${endNs} 1 running waiting tid=7\n end ${endNs}`;
    expect(await execution(one, schedule)).toEqual({ onCpuNs: 500 + 5 * rounds, preemptedNs: 5 * rounds });
  });

  test('is unknown where it began among those that were added up', async () => {
    const one = `2000 1 runnable running tid=7\n ${endNs} 1 running waiting tid=7\n end ${endNs}`;
    const { unknownNs, onCpuNs, preemptedNs } = (await join(one, schedule)).result().execution;
    expect(unknownNs + onCpuNs + preemptedNs).toBe(endNs - 2000);
    expect(unknownNs).toBeGreaterThan(0);
    expect(preemptedNs).toBeGreaterThan(0);
  });
});
