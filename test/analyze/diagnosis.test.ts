import { expect, test } from 'vitest';
import type { Analysis } from '../../src/analyze/analysis.js';
import { type AnalyzeOptions, analyzeTrace } from '../../src/cli/analyze-trace.js';
import { NO_SYSCALL, OsScheduleList, OsState } from '../../src/model/os-schedule.js';
import { emptyFacts, textTrace } from '../support/text-trace.js';
import { detailedTrace, MS, START_REALTIME_NS } from './detailed-trace.js';

async function rulesOf(lines: readonly string[], options: Partial<AnalyzeOptions> = {}): Promise<Analysis> {
  const source = textTrace(lines.join('\n'), {
    ...emptyFacts,
    start: { ...emptyFacts.start, realtimeNs: START_REALTIME_NS },
  });
  return analyzeTrace(source, { top: 10, ...options });
}

const ruleNames = ({ diagnosis }: Analysis) => diagnosis.map(({ rule }) => rule);

/** Ticks once a second, and a pool of workers that waits from the start on. */
function idleProgram(seconds: number): string[] {
  const lines = ['found 1 main.main'];
  for (let worker = 0; worker < 20; worker++) {
    const goid = 100 + worker;
    lines.push(
      `created ${goid} 1 main.worker`,
      `${worker} ${goid} dead runnable waker=1`,
      `${worker + 1} ${goid} runnable running p=0`,
      `${worker + 2} ${goid} running waiting reason=chan_receive`,
    );
  }
  for (let second = 1; second < seconds; second++) {
    const at = second * 1000 * MS;
    lines.push(
      `${at} 1 waiting runnable by=timer`,
      `${at + 60_000} 1 runnable running p=0`,
      `${at + 90_000} 1 running waiting reason=sleep`,
    );
  }
  return [...lines, `end ${seconds * 1000 * MS}`];
}

test('a healthy idle program gets no sentence, with all sections made too', async () => {
  expect((await rulesOf(idleProgram(30))).diagnosis).toEqual([]);
  expect((await rulesOf(idleProgram(30), { sections: 'all' })).diagnosis).toEqual([]);
});

test('a pool that waits, or was filled slowly and is used again, leaks nothing', async () => {
  expect((await rulesOf(idleProgram(30))).leaks.leaked).toBe(0);
  const filled = Array.from({ length: 30 }, (_, n) => [
    `created ${100 + n} 1 main.conn`,
    `${n * 100 * MS} ${100 + n} dead runnable waker=1`,
    `${n * 100 * MS + 10} ${100 + n} runnable running`,
    `${n * 100 * MS + 20} ${100 + n} running waiting reason=IO_wait`,
  ]).flat();
  expect((await rulesOf([...filled, `end ${4000 * MS}`])).leaks.leaked).toBe(0);
});

test('goroutines that block for ever, ever more of them, leak: with place, creator and counts', async () => {
  const { leaks, diagnosis } = await analyzeTrace(detailedTrace(40), { top: 10 });
  expect(leaks.sites).toMatchObject([
    {
      startFunction: 'main.handle',
      createdBy: 'main.serve main.go:20',
      reason: 'chan receive',
      frames: [{ function: 'main.handle', file: 'main.go', line: 42 }],
      created: 40,
      exited: 20,
    },
  ]);
  // Those of the last fifth may still go on.
  expect(leaks.leaked).toBe(20);
  expect(leaks.blockedAtLeastNs).toBe(100 * MS);
  expect(diagnosis[0]).toMatchObject({ rule: 'leak', severity: 'problem', section: 'leaks' });
  expect(diagnosis[0]?.sentence).toMatch(/20 goroutines of main\.handle leak: .* in main\.handle \(main\.go:42\)/);
});

test('where events were lost, nobody is said to leak', async () => {
  const source = detailedTrace(40);
  const lossy = {
    ...source,
    async *segments() {
      for await (const segment of source.segments())
        yield { ...segment, gaps: [{ fromNs: 450 * MS, toNs: 451 * MS, lost: 3, why: 'ring full' }] };
    },
  };
  expect((await analyzeTrace(lossy, { top: 10 })).leaks.leaked).toBe(0);
});

/** One P, a hog of 60 ms, and three goroutines that wait for it to end, again and again. */
function starved(): string[] {
  const lines = ['found 1 main.hash', 'found 2 main.serve', 'found 3 main.serve', 'found 4 main.serve'];
  for (let round = 0; round < 10; round++) {
    const at = (ms: number) => (round * 100 + ms) * MS;
    lines.push(`${at(0)} 1 waiting runnable by=timer`, `${at(0)} 1 runnable running p=0`);
    for (const goid of [2, 3, 4]) lines.push(`${at(1)} ${goid} waiting runnable by=netpoll`);
    lines.push(`${at(60)} 1 running waiting reason=sleep`);
    for (const goid of [2, 3, 4]) {
      lines.push(
        `${at(60 + goid)} ${goid} runnable running p=0`,
        `${at(60.5 + goid)} ${goid} running waiting reason=IO_wait`,
      );
    }
  }
  return [...lines, `end ${1000 * MS}`];
}

test('waits for a CPU are told with their share, the worst moment by the wall clock, and who ran instead', async () => {
  const analysis = await rulesOf(starved());
  expect(ruleNames(analysis)).toEqual(['sched-wait', 'hog']);
  const [wait, hog] = analysis.diagnosis;
  expect(wait?.sentence).toMatch(/\d+ % of the time .* is sched wait/);
  expect(wait?.sentence).toMatch(/3 goroutines waited > 50\.0 ms for a CPU at 12:00:01\.0 UTC/);
  expect(wait?.goroutines.map(({ goid }) => goid).toSorted()).toEqual([2, 3, 4]);
  expect(BigInt(wait!.realtimeNs)).toBe(BigInt(START_REALTIME_NS) + BigInt(MS));
  expect(wait?.certainty).toMatch(/% of goroutine time is known; nothing was lost; percentiles/);
  expect(hog?.sentence).toMatch(
    /main\.hash ran 10 times for more than 10\.0 ms .* 30 of the 30 longest waits .*: main\.serve \(30\)/,
  );
});

test('CPU time that the OS took away is told before the waits that follow from it', async () => {
  const source = detailedTrace();
  const osSchedule = new OsScheduleList();
  // Each handler runs on thread 101 from 2 ms to 4 ms, and again later.
  const rows = Array.from({ length: 20 }, (_, handler) => [
    [handler * 10 + 2.2, OsState.preempted] as const,
    [handler * 10 + 3.8, OsState.onCpu] as const,
  ]).flat();
  for (const [row, [ms, state]] of rows.entries()) {
    osSchedule.reserve(row + 1);
    osSchedule.timeNs[row] = ms * MS;
    osSchedule.pid[row] = 1;
    osSchedule.tid[row] = 101;
    osSchedule.state[row] = state;
    osSchedule.syscall[row] = NO_SYSCALL;
    osSchedule.length = row + 1;
  }
  const preempted = {
    ...source,
    async *segments() {
      for await (const segment of source.segments()) yield { ...segment, osSchedule };
    },
  };
  const { diagnosis } = await analyzeTrace(preempted, { top: 10, sections: ['os'] });
  expect(diagnosis.map(({ rule }) => rule)).toContain('os-preempted');
});

test('hogs are shown with those who waited meanwhile', async () => {
  const { sections } = await rulesOf(starved(), { sections: ['hogs', 'chains', 'cpu'] });
  expect(sections.hogs?.functions).toMatchObject([
    {
      startFunction: 'main.hash',
      count: 10,
      totalNs: 600 * MS,
      longest: { ns: 60 * MS, goid: 1 },
      othersRunnableNs: 10 * 3 * 59 * MS,
      victims: [{ startFunction: 'main.serve', count: 30, ns: 10 * 3 * 59 * MS }],
    },
  ]);
  expect(sections.cpu?.saturatedNs).toBeGreaterThanOrEqual(590 * MS);
});

test('waits for a lock are told with the longest', async () => {
  const lines = ['found 1 main.book', 'found 2 main.book'];
  for (let round = 0; round < 20; round++) {
    const at = (ms: number) => (round * 10 + ms) * MS;
    lines.push(
      `${at(0)} 2 running waiting reason=sync.Mutex.Lock`,
      `${at(8)} 2 waiting runnable waker=1`,
      `${at(8)} 2 runnable running p=0`,
    );
  }
  const { diagnosis } = await rulesOf([...lines, `end ${200 * MS}`]);
  expect(diagnosis).toMatchObject([{ rule: 'lock', section: 'block', goroutines: [{ goid: 2 }] }]);
  expect(diagnosis[0]?.sentence).toMatch(
    /is waiting for locks \(sync\.Mutex\.Lock\): on average 0\.8 goroutines, 20 waits/,
  );
});

test('what the collector takes from the program is told', async () => {
  const lines = ['found 1 main.allocate'];
  for (let round = 0; round < 10; round++) {
    const at = (ms: number) => (round * 10 + ms) * MS;
    lines.push(
      `${at(0)} 1 waiting runnable by=timer`,
      `${at(0)} 1 runnable running p=0`,
      `${at(1)} 1 running waiting reason=GC_assist_marking`,
      `${at(3)} 1 waiting running p=0`,
      // Asked twice whether marking is done, as runtime.gcMarkDone does: still one cycle.
      `${at(3.5)} 1 running waiting reason=GC_mark_termination`,
      `${at(3.6)} 1 waiting running p=0`,
      `${at(3.7)} 1 running waiting reason=GC_mark_termination`,
      `${at(3.8)} 1 waiting running p=0`,
      `${at(4)} 1 running waiting reason=garbage_collection`,
      `${at(4.1)} 1 waiting running p=0`,
      `${at(5)} 1 running waiting reason=sleep`,
    );
  }
  const { diagnosis, sections } = await rulesOf([...lines, `end ${100 * MS}`], { sections: ['gc'] });
  expect(diagnosis.map(({ rule }) => rule)).toEqual(['gc']);
  expect(sections.gc?.felt.map(({ what, count }) => [what, count])).toEqual([
    ['GC assist marking', 10],
    ['GC mark termination', 20],
    ['garbage collection', 10],
  ]);
  expect(sections.gc?.cycles).toMatchObject({ count: 10, marking: { p50Ns: 3.1 * MS }, longest: expect.anything() });
  expect(sections.gc?.limits[0]).toMatch(/how long the world stood still is not recorded/);
});

test('chains of waits are followed to who did not wait', async () => {
  const { sections } = await rulesOf(
    [
      'found 1 main.client',
      'found 2 main.server',
      'found 3 main.store',
      '0 1 running waiting reason=chan_receive',
      '5 2 running waiting reason=sync.Mutex.Lock',
      '50 2 waiting runnable waker=3',
      '55 2 runnable running p=0',
      '60 1 waiting runnable waker=2',
      '65 1 runnable running p=1',
      'end 100',
    ],
    { sections: ['chains'] },
  );
  expect(sections.chains?.list).toMatchObject([
    {
      count: 1,
      totalNs: 60,
      links: [
        { startFunction: 'main.client', reason: 'chan receive' },
        { startFunction: 'main.server', reason: 'sync.Mutex.Lock' },
        { startFunction: 'main.store', reason: '' },
      ],
    },
  ]);
});
