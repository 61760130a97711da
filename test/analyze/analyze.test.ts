import { expect, test } from 'vitest';
import type { Analysis } from '../../src/analyze/analysis.js';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';

function analysisOf(text: string, top = 10): Promise<Analysis> {
  return analyzeTrace(textTrace(text), { top });
}

const ONE_LIFE = `
  created 7 1 main.worker
  10 7 dead runnable waker=1
  20 7 runnable running p=2
  30 7 running waiting reason=chan_receive
  45 7 waiting runnable waker=9
  50 7 runnable running p=1
  60 7 running waiting reason=GC_assist_marking
  63 7 waiting running p=1
  70 7 running syscall
  90 7 syscall running p=1
  95 7 running preempted
  98 7 preempted waiting reason=preempted
  99 7 waiting runnable
  100 7 runnable running p=1
  110 7 running dead
  end 200
`;

test('time is added up by state, under the names of Go', async () => {
  const { totals, coverage } = await analysisOf(ONE_LIFE);
  expect(totals).toMatchObject({
    totalNs: 100,
    executionNs: 10 + 20 + 5 + 10,
    systemStackNs: 3,
    schedWaitNs: 10 + 5 + 1,
    blockNs: 15,
    syscallNs: 20,
    preemptedNs: 4,
    unseenNs: 0,
    unknownNs: 0,
  });
  expect(coverage).toMatchObject({ lifetimeNs: 100, knownNs: 100, share: 1 });
});

test('stops for stack scans and system-stack waits are no block time', async () => {
  const { blockReasons, systemStackReasons } = await analysisOf(ONE_LIFE);
  expect(blockReasons.map(({ reason, count, totalNs }) => [reason, count, totalNs])).toEqual([['chan receive', 1, 15]]);
  expect(systemStackReasons).toEqual([
    { reason: 'GC assist marking', count: 1, totalNs: 3, longest: { ns: 3, startNs: 60, pid: 1, goid: 7 } },
  ]);
});

test('scheduling latency runs from runnable to running, and the worst is named', async () => {
  const { schedulingLatency } = await analysisOf(ONE_LIFE);
  expect(schedulingLatency).toMatchObject({
    count: 3,
    p50Ns: 5,
    p999Ns: 10,
    max: { ns: 10, startNs: 10, pid: 1, goid: 7 },
  });
});

test('unknown time is split by what the nearest event hints at, and lowers the coverage', async () => {
  const { totals, coverage, warnings, goroutines } = await analysisOf(
    '80 7 waiting runnable\n90 7 runnable running\n100 8 syscall running\nend 200',
  );
  expect(totals.unknownByHint).toMatchObject({ waitingNs: 80, runningNs: 110 + 100, syscallNs: 100 });
  expect(coverage.share).toBeCloseTo(10 / 400);
  expect(warnings.join()).toMatch(/known for 2\.5 % of their time/);
  expect(goroutines).toEqual({ total: 2, created: 0, exited: 0, aliveAtEnd: 2 });
});

test('gaps are losses, and time across them is told apart', async () => {
  const { losses, coverage, warnings } = await analysisOf(
    'gap 25 35 12\n10 7 dead runnable\n20 7 runnable running\n40 7 running dead\nend 40',
  );
  expect(losses).toMatchObject({ complete: false, lostEvents: 12, gapCount: 1 });
  expect(coverage).toMatchObject({ spansAcrossGaps: 1, knownAcrossGapsNs: 20 });
  expect(warnings.join()).toMatch(/12 events were lost in 1 gaps/);
});

test('a damaged file is not complete, and damage found while reading counts', async () => {
  const source = textTrace('10 7 dead runnable\nend 20');
  const damage: string[] = [];
  const damaged = Object.assign(source, {
    damage,
    async *segments() {
      damage.push('segment 1 is left out');
      yield* [];
    },
  });
  expect((await analyzeTrace(damaged, { top: 1 })).losses).toMatchObject({
    complete: false,
    damage: ['segment 1 is left out'],
  });
});

test('impossible and unseen changes are counted by their states', async () => {
  const { anomalies, warnings } = await analysisOf(
    '10 7 dead runnable\n20 7 runnable waiting\n30 7 running syscall\n25 7 syscall running\n40 0 dead runnable\nend 40',
  );
  expect(anomalies).toEqual({
    illegalTransitions: [{ from: 'runnable', to: 'waiting', count: 1 }],
    unseenTransitions: [{ from: 'waiting', to: 'running', count: 1 }],
    backwardsInTime: 1,
    withoutGoroutine: 1,
  });
  expect(warnings.join()).toMatch(/1 changes of state were missed/);
});

test('goroutines and start functions are ranked, and lists are cut at top', async () => {
  const goids = Array.from({ length: 30 }, (_, n) => n + 1);
  const created = goids.map((goid) => `created ${goid} 1 main.f${(goid - 1) % 5}`);
  const started = goids.map((goid) => `${goid} ${goid} dead runnable\n${goid} ${goid} runnable running`);
  const exited = goids.map((goid) => `${99 + 2 * goid} ${goid} running dead`);
  const { topGoroutines, startFunctions } = await analysisOf(
    [...created, ...started, ...exited, 'end 200'].join('\n'),
    3,
  );
  expect(topGoroutines.execution.map(({ goid, ns, startFunction }) => [goid, ns, startFunction])).toEqual([
    [30, 129, 'main.f4'],
    [29, 128, 'main.f3'],
    [28, 127, 'main.f2'],
  ]);
  expect(topGoroutines.block).toEqual([]);
  expect(startFunctions.omitted).toBe(2);
  expect(startFunctions.list[0]).toMatchObject({
    startFunction: 'main.f4',
    goroutines: 6,
    executionNs: 6 * 104 + 5 * 15,
  });
});

test('what the trace says it cannot show is repeated', async () => {
  const source = textTrace('10 7 dead runnable\nend 20', { invisible: ['system calls: reentersyscall is not probed'] });
  expect((await analyzeTrace(source, { top: 1 })).warnings).toContain('system calls: reentersyscall is not probed');
});

test('a trace without any event has figures of zero', async () => {
  const analysis = await analysisOf('end 0');
  expect(analysis).toMatchObject({ transitions: 0, transitionsPerSecond: 0, coverage: { share: 1 } });
  expect(analysis.schedulingLatency).toMatchObject({ count: 0, p50Ns: 0, max: null });
});

test('life over time keeps to 128 buckets and loses nobody', async () => {
  const analysis = await analyzeTrace(syntheticTrace({ goroutines: 300, segments: 4, rowsPerSegment: 30_000 }), {
    top: 1,
  });
  const { buckets } = analysis.overTime;
  expect(buckets.length).toBeLessThanOrEqual(128);
  expect(buckets.reduce((sum, { created }) => sum + created, 0)).toBe(analysis.goroutines.created);
  expect(buckets.reduce((sum, { exited }) => sum + exited, 0)).toBe(analysis.goroutines.exited);
  expect(buckets.at(-1)?.alive).toBe(analysis.goroutines.aliveAtEnd);
});

test('a legal trace is covered without anomalies, and states add up to the lifetime', async () => {
  const { anomalies, totals, coverage, transitionMatrix, transitions } = await analyzeTrace(
    syntheticTrace({ goroutines: 100, segments: 2, rowsPerSegment: 50_000 }),
    { top: 5 },
  );
  expect(anomalies.illegalTransitions.concat(anomalies.unseenTransitions)).toEqual([]);
  const { totalNs, executionNs, schedWaitNs, blockNs, syscallNs, preemptedNs, unseenNs, unknownNs } = totals;
  expect(executionNs + schedWaitNs + blockNs + syscallNs + preemptedNs + unseenNs + unknownNs).toBe(totalNs);
  expect(Object.values(totals.unknownByHint).reduce((sum, ns) => sum + ns, 0)).toBe(unknownNs);
  expect(coverage.share).toBeGreaterThan(0.9);
  expect(transitionMatrix.reduce((sum, { count }) => sum + count, 0)).toBe(transitions);
});
