/** What the figures of a window mean at its borders. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Analysis } from '../../src/analyze/analysis.js';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { goStateName } from '../../src/model/go-state.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { randomTrace } from '../convert/random-trace.js';
import { referenceReplay } from '../support/reference-replay.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { type Row, textTrace } from '../support/text-trace.js';

const FOREVER = Number.POSITIVE_INFINITY;

function within(source: TraceSource, fromNs: number, toNs: number, isWanted?: (pid: number, goid: number) => boolean) {
  return analyzeTrace(source, { top: 10, selection: { fromNs, toNs, goids: [], functions: [], isWanted } });
}

/** Figures that add up over windows side by side. */
function summable(analysis: Analysis): Record<string, number> {
  const { totals, transitions, goroutines, coverage, schedulingLatency, anomalies } = analysis;
  const { unknownByHint, ...times } = totals;
  return {
    ...times,
    ...Object.fromEntries(Object.entries(unknownByHint).map(([hint, ns]) => [`unknown ${hint}`, ns])),
    transitions,
    created: goroutines.created,
    exited: goroutines.exited,
    knownNs: coverage.knownNs,
    latencies: schedulingLatency.count,
    withoutGoroutine: anomalies.withoutGoroutine,
    ...Object.fromEntries(analysis.transitionMatrix.map(({ from, to, count }) => [`${from} → ${to}`, count])),
    ...Object.fromEntries(anomalies.unseenTransitions.map(({ from, to, count }) => [`unseen ${from} → ${to}`, count])),
    ...Object.fromEntries(analysis.blockReasons.map(({ reason, count }) => [`waits: ${reason}`, count])),
    ...Object.fromEntries(analysis.blockReasons.map(({ reason, totalNs }) => [`waiting: ${reason}`, totalNs])),
    ...Object.fromEntries(analysis.systemStackReasons.map(({ reason, count }) => [`stretches: ${reason}`, count])),
    ...Object.fromEntries(
      analysis.startFunctions.list.map((each) => [`running: ${each.startFunction}`, each.executionNs]),
    ),
  };
}

function sum(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}

function withoutZeros(figures: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== 0));
}

async function rowsOf(source: TraceSource): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { transitions: t } of source.segments()) {
    for (let i = 0; i < t.length; i++) {
      rows.push({
        timeNs: t.timeNs[i]!,
        goid: t.goid[i]!,
        pid: t.pid[i]!,
        tid: t.tid[i]!,
        cpu: t.cpu[i]!,
        p: t.p[i]!,
        from: t.from[i]!,
        to: t.to[i]!,
        reason: source.reasons[t.reason[i]!]!,
        waker: t.waker[i]!,
        wakeSource: t.wakeSource[i]!,
        stack: t.stack[i]!,
      });
    }
  }
  return rows;
}

/** Three moments of a trace of some length, in order. */
const moments = fc.tuple(fc.double({ min: 0, max: 1.1, noNaN: true }), fc.nat(), fc.nat());

function at(source: TraceSource, [a, b, c]: [number, number, number]): [number, number, number] {
  const points = [a, (b % 1000) / 999, (c % 1000) / 999].map((share) => Math.round(share * source.endNs));
  return points.sort((x, y) => x - y) as [number, number, number];
}

test('a window over all of a trace says what the analysis of the whole says', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { window, ...windowed } = await within(source, 0, FOREVER);
      const whole = await analyzeTrace(source, { top: 10 });
      expect(window).toEqual({ fromNs: 0, toNs: source.endNs, goids: [], functions: [] });
      // A g that was never alive is in the table of goroutines, but no goroutine of the window.
      const goroutines = { ...whole.goroutines, total: windowed.goroutines.total };
      const startFunctions = windowed.startFunctions;
      expect({ ...windowed, window: null }).toEqual({ ...whole, goroutines, startFunctions });
    }),
    { numRuns: 300 },
  );
});

test('times and counts of windows side by side add up', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, moments, async (source, points) => {
      const [a, b, c] = at(source, points);
      const left = summable(await within(source, a, b));
      const right = summable(await within(source, b, c));
      const both = summable(await within(source, a, c));
      expect(withoutZeros(sum(left, right))).toEqual(withoutZeros(both));
    }),
    { numRuns: 500 },
  );
});

test('times in a window are those of the reference, clipped', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, moments, async (source, points) => {
      const [from, to] = at(source, points);
      const rows = await rowsOf(source);
      const expected: Record<string, number> = {};
      for (const spans of referenceReplay(rows, [], source.endNs).values()) {
        for (const { kind, startNs, endNs } of spans) {
          const ns = Math.max(0, Math.min(endNs, to) - Math.max(startNs, from));
          expected[kind] = (expected[kind] ?? 0) + ns;
        }
      }
      const seen = new Set(rows.map(({ goid }) => goid));
      let unseen = 0;
      for await (const { goroutines } of source.segments())
        for (const { goid } of goroutines) if (!seen.has(goid)) unseen++;
      expected['unknown'] = (expected['unknown'] ?? 0) + unseen * (to - from);
      const { totals, transitions } = await within(source, from, to);
      expect({
        running: totals.executionNs,
        runnable: totals.schedWaitNs,
        waiting: totals.blockNs,
        syscall: totals.syscallNs,
        preempted: totals.preemptedNs,
        unseen: totals.unseenNs,
        unknown: totals.unknownNs,
      }).toEqual({ running: 0, runnable: 0, waiting: 0, syscall: 0, preempted: 0, unseen: 0, unknown: 0, ...expected });
      expect(transitions).toBe(rows.filter(({ timeNs }) => timeNs >= from && timeNs < to).length);
    }),
    { numRuns: 500 },
  );
});

test('goroutines that are chosen count as they count in the whole', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, moments, fc.constantFrom(1, 2, 17), async (source, points, chosen) => {
      const [from, to] = at(source, points);
      const one = await within(source, from, to, (_, goid) => goid === chosen);
      const others = await within(source, from, to, (_, goid) => goid !== chosen);
      const all = await within(source, from, to);
      const counted = sum(summable(one), summable(others));
      expect(withoutZeros(counted)).toEqual(withoutZeros(summable(all)));
      expect(one.goroutines.total).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});

test('a long trace of many segments adds up', async () => {
  const source = syntheticTrace({ goroutines: 300, segments: 6, rowsPerSegment: 5_000 });
  const [a, b, c] = [0.13, 0.5, 0.91].map((share) => Math.round(share * source.endNs)) as [number, number, number];
  const both = summable(await within(source, a, c));
  expect(withoutZeros(sum(summable(await within(source, a, b)), summable(await within(source, b, c))))).toEqual(
    withoutZeros(both),
  );
  expect(both['executionNs']).toBeGreaterThan(0);
});

const story = `
  found 1 main.main
  created 7 1 main.worker at=10
  10 7 dead runnable waker=1
  20 7 runnable running
  30 7 running waiting reason=chan_receive
  70 7 waiting runnable waker=1
  85 7 runnable running
  90 7 running dead
  end 100`;

test('a wait counts where it ends, with all its length; its time counts where it was', async () => {
  const early = await within(textTrace(story), 25, 50);
  expect(early.blockReasons).toEqual([
    { reason: 'chan receive', count: 0, totalNs: 20, longest: { ns: 20, startNs: 30, pid: 1, goid: 7 } },
  ]);
  const late = await within(textTrace(story), 50, 75);
  expect(late.blockReasons).toEqual([
    { reason: 'chan receive', count: 1, totalNs: 20, longest: { ns: 40, startNs: 30, pid: 1, goid: 7 } },
  ]);
});

test('a scheduling latency counts where it ends, with all its length', async () => {
  expect((await within(textTrace(story), 60, 80)).schedulingLatency.count).toBe(0);
  const { count, max } = (await within(textTrace(story), 80, 89)).schedulingLatency;
  expect({ count, max }).toEqual({ count: 1, max: { ns: 15, startNs: 70, pid: 1, goid: 7 } });
});

test('a goroutine that was born before the window and outlives it is alive, neither created nor exited', async () => {
  const { goroutines, durationNs, overTime, window } = await within(textTrace(story), 40, 60);
  expect(goroutines).toEqual({ total: 2, created: 0, exited: 0, aliveAtEnd: 2 });
  expect(durationNs).toBe(20);
  expect(window).toMatchObject({ fromNs: 40, toNs: 60 });
  expect(overTime.buckets[0]).toEqual({ startNs: 40, created: 0, exited: 0, alive: 2 });
});

test('what ended before the window and what begins behind it are not in it', async () => {
  expect((await within(textTrace(story), 95, 100)).goroutines.total).toBe(1);
  expect((await within(textTrace(story), 0, 5)).goroutines.total).toBe(1);
});

test('coverage is that of the window', async () => {
  const { coverage } = await within(textTrace(story), 30, 70, (_, goid) => goid === 7);
  expect(coverage).toMatchObject({ lifetimeNs: 40, knownNs: 40, share: 1 });
});

test('a gap counts in each window that it touches, in full: where in it events were lost is not known', async () => {
  const text = `gap 40 60 5\n${story}`;
  const losses = async (from: number, to: number) => (await within(textTrace(text), from, to)).losses.lostEvents;
  expect([
    await losses(0, 40),
    await losses(0, 41),
    await losses(50, 55),
    await losses(60, 99),
    await losses(61, 99),
  ]).toEqual([0, 5, 5, 5, 0]);
});

test('changes before and behind the window are not in its matrix', async () => {
  const { transitionMatrix } = await within(textTrace(story), 20, 70);
  expect(transitionMatrix).toEqual([
    { from: goStateName(1), to: goStateName(2), count: 1 },
    { from: goStateName(2), to: goStateName(4), count: 1 },
  ]);
});
