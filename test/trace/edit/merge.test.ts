/** Several traces as one: what each says alone, it says in the merged trace. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Analysis } from '../../../src/analyze/analysis.js';
import { analyzeTrace } from '../../../src/cli/analyze-trace.js';
import type { TraceFacts } from '../../../src/model/trace-facts.js';
import type { TraceSource } from '../../../src/model/trace-segment.js';
import { type Selection, WindowSource } from '../../../src/replay/window/window-source.js';
import { cutTrace } from '../../../src/trace/edit/cut-trace.js';
import { mergeTraces } from '../../../src/trace/edit/merge-traces.js';
import { openTrace, type TraceFile } from '../../../src/trace/open-trace.js';
import { TraceWriter } from '../../../src/trace/trace-writer.js';
import { randomTrace } from '../../convert/random-trace.js';
import { MemorySink } from '../../support/memory-trace.js';
import { emptyFacts, textTrace } from '../../support/text-trace.js';

const fixtures = new URL('../../../fixtures/', import.meta.url).pathname;
const OPTIONS = { level: 1, producer: 'test' };

interface Where {
  readonly host?: string;
  readonly pid?: number;
  /** On the monotonic clock of its boot. */
  readonly startNs?: number;
  /** realtime − monotonic of its host. */
  readonly wallNs?: number;
  /** How much further the wall clock ran than the monotonic one. */
  readonly slewNs?: number;
}

function factsOf({ host = 'a', pid = 1, startNs = 1000, wallNs = 1e15 }: Where): TraceFacts {
  return {
    ...emptyFacts,
    host: { hostname: host, kernel: '', arch: '', bootId: `boot of ${host}`, cpus: 1 },
    start: { monotonicNs: String(startNs), boottimeNs: String(startNs), realtimeNs: String(startNs + wallNs) },
    targets: [
      {
        pid,
        executable: '/srv/app',
        commandLine: [],
        goVersion: 'go1.26',
        buildId: '',
        arch: '',
        layout: [],
        warnings: [],
      },
    ],
  };
}

/** A trace as a recorder on some host would have written it. */
async function recorded(source: TraceSource, where: Where = {}): Promise<TraceFile> {
  const facts = factsOf(where);
  const sink = new MemorySink();
  const writer = new TraceWriter(sink, facts, { reasons: source.reasons, level: 1 });
  let rows = 0;
  for await (const { transitions, goroutines, gaps } of source.segments()) {
    const pid = where.pid ?? 1;
    writer.segment(
      transitions,
      goroutines.map((info) => ({ ...info, pid })),
      gaps,
    );
    rows += transitions.length;
  }
  const at = (ns: string, more = 0) => String(BigInt(ns) + BigInt(Math.round(source.endNs) + more));
  const { monotonicNs, boottimeNs, realtimeNs } = facts.start;
  const none = {
    dropped: 0,
    faulted: 0,
    paired: 0,
    filtered: 0,
    partial: 0,
    folded: 0,
    unnamed: 0,
    mismatched: 0,
    clamped: 0,
  };
  writer.finish({
    end: { monotonicNs: at(monotonicNs), boottimeNs: at(boottimeNs), realtimeNs: at(realtimeNs, where.slewNs) },
    cost: { userCpuNs: 1, systemCpuNs: 2, peakRssBytes: 3, startupCpuNs: 0 },
    stopReason: 'test',
    losses: { ...none, hits: rows, submitted: rows },
  });
  return sink.trace();
}

async function merged(...traces: TraceFile[]): Promise<TraceFile> {
  const sink = new MemorySink();
  await mergeTraces(
    traces.map((trace, i) => ({ name: `trace ${i}`, trace })),
    sink,
    OPTIONS,
  );
  return sink.trace();
}

async function cut(trace: TraceFile, fromNs: number, toNs: number): Promise<TraceFile> {
  const sink = new MemorySink();
  await cutTrace(trace, new WindowSource(trace, { fromNs, toNs, goids: [], functions: [] }), sink, { level: 1 });
  return sink.trace();
}

/** `TIME PID/GOID FROM→TO`, in order. */
async function rows(trace: TraceFile): Promise<string[]> {
  const lines: string[] = [];
  for await (const { transitions: t } of trace.segments()) {
    for (let i = 0; i < t.length; i++) lines.push(`${t.timeNs[i]} ${t.pid[i]}/${t.goid[i]} ${t.from[i]}→${t.to[i]}`);
  }
  return lines;
}

const worker = (goid: number) => `
  found ${goid} main.main
  10 ${goid} waiting runnable
  20 ${goid} runnable running
  30 ${goid} running waiting reason=select
  end 40`;

test('rows of two processes on one clock are in order of time, each with its process', async () => {
  const a = await recorded(textTrace(worker(7)), { pid: 1, startNs: 1000 });
  const b = await recorded(textTrace(worker(7)), { pid: 2, startNs: 1005 });
  const both = await merged(a, b);
  expect(await rows(both)).toEqual([
    '10 1/7 4→1',
    '15 2/7 4→1',
    '20 1/7 1→2',
    '25 2/7 1→2',
    '30 1/7 2→4',
    '35 2/7 2→4',
  ]);
  expect(both.endNs).toBe(45);
  expect(
    both.facts.sources?.map(({ offsetNs, uncertaintyNs, alignment }) => [offsetNs, uncertaintyNs, alignment]),
  ).toEqual([
    [0, 0, 'monotonic'],
    [5, 0, 'monotonic'],
  ]);
  expect(both.summary).toMatchObject({
    transitions: 6,
    losses: { hits: 6, submitted: 6 },
    stopReason: 'merged from 2 traces',
  });
  expect(both.facts.targets.map(({ pid }) => pid)).toEqual([1, 2]);
});

test('the order of the inputs does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, randomTrace, randomTrace, async (x, y, z) => {
      const traces = [
        await recorded(x, { pid: 1, startNs: 5000 }),
        await recorded(y, { pid: 2, startNs: 1000 }),
        await recorded(z, { pid: 1, host: 'b', startNs: 77, wallNs: 1e15 + 3_000_000 }),
      ] as const;
      const [a, b, c] = traces;
      const one = await merged(a, b, c);
      const other = await merged(c, b, a);
      expect(await rows(other)).toEqual(await rows(one));
      expect(other.facts).toEqual(one.facts);
      expect(await analyzeTrace(other, { top: 5 })).toEqual(await analyzeTrace(one, { top: 5 }));
    }),
    { numRuns: 40 },
  );
});

/** Figures that do not depend on what was not recorded. */
function known({ totals, transitions, schedulingLatency, blockReasons, transitionMatrix, goroutines }: Analysis) {
  const { unknownNs, unknownByHint, totalNs, ...times } = totals;
  return {
    times,
    transitions,
    latencies: schedulingLatency.count,
    blockReasons,
    transitionMatrix,
    created: goroutines.created,
  };
}

test('each process of a merged trace is analyzed as it is alone', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, randomTrace, async (x, y) => {
      const a = await recorded(x, { pid: 1, startNs: 1000 });
      const b = await recorded(y, { pid: 2, startNs: 1000 });
      const both = await merged(a, b);
      for (const [pid, alone] of [
        [1, a],
        [2, b],
      ] as const) {
        const selection: Selection = {
          fromNs: 0,
          toNs: Number.POSITIVE_INFINITY,
          goids: [],
          functions: [],
          isWanted: (p) => p === pid,
        };
        const own = known(await analyzeTrace(both, { top: 5, selection }));
        const expected = known(await analyzeTrace(alone, { top: 5, selection }));
        // The pid of a row is that of its recording: the fixture says 1 in all of them.
        const renamed = JSON.parse(JSON.stringify(own).replaceAll(`"pid":${pid}`, '"pid":0')) as unknown;
        expect(renamed).toEqual(JSON.parse(JSON.stringify(expected).replaceAll(`"pid":${pid}`, '"pid":0')));
      }
    }),
    { numRuns: 60 },
  );
});

test('a process of another host with the same id gets another id, and the header says which', async () => {
  const a = await recorded(textTrace(worker(7)), { pid: 4242, host: 'a' });
  const b = await recorded(textTrace(worker(7)), { pid: 4242, host: 'b', startNs: 9_000_000 });
  const both = await merged(a, b);
  expect(both.facts.targets.map(({ pid }) => pid).sort()).toEqual([10_004_242, 4242].sort());
  expect(both.facts.sources?.map(({ pids }) => pids)).toEqual([[], [{ pid: 10_004_242, original: 4242 }]]);
  expect((await analyzeTrace(both, { top: 5 })).goroutines.total).toBe(2);
});

test('hosts are aligned by their wall clocks, and the uncertainty is what their anchors show and a millisecond', async () => {
  const a = await recorded(textTrace(worker(7)), { pid: 1, host: 'a', startNs: 1000, wallNs: 1e15, slewNs: 200 });
  const b = await recorded(textTrace(worker(7)), { pid: 1, host: 'b', startNs: 500_000, wallNs: 1e15 });
  const { facts } = await merged(a, b);
  const [first, second] = facts.sources ?? [];
  expect(first).toMatchObject({ offsetNs: 0, uncertaintyNs: 0, alignment: 'monotonic' });
  expect(second).toMatchObject({ alignment: 'realtime', uncertaintyNs: 1_000_000 + 100 });
});

test('a host without a wall clock cannot be placed', async () => {
  const a = await recorded(textTrace(worker(7)), { host: 'a' });
  const b = await recorded(textTrace(worker(7)), { host: 'b', startNs: 0, wallNs: 0 });
  await expect(merged(a, b)).rejects.toThrow(/trace 1: says no wall-clock time/);
});

test('a trace cannot be merged with itself', async () => {
  const a = await recorded(textTrace(worker(7)));
  const b = await recorded(textTrace(worker(7)));
  await expect(merged(a, b)).rejects.toThrow('trace 0 and trace 1 are the same recording');
});

test('recordings of one process that overlap are refused with what to do', async () => {
  const a = await recorded(textTrace(worker(7)), { startNs: 1000 });
  const b = await recorded(textTrace(worker(7)), { startNs: 1030 });
  await expect(merged(a, b)).rejects.toThrow(
    /both recorded the same process for 10 ns: .* \(gotape cut --from --to\)$/,
  );
});

test('one trace is not enough', async () => {
  await expect(merged(await recorded(textTrace(worker(7))))).rejects.toThrow('expected two traces or more');
});

test('between two recordings of one process there is a gap, and what crosses it is marked', async () => {
  const a = await recorded(textTrace(worker(7)), { startNs: 1000 });
  const b = await recorded(textTrace(worker(7)), { startNs: 1100 });
  const both = await merged(a, b);
  const { losses, blockReasons, coverage } = await analyzeTrace(both, { top: 5 });
  expect(losses).toMatchObject({ complete: false, gaps: [{ fromNs: 40, toNs: 100, lost: 0, why: 'not recorded' }] });
  expect(blockReasons).toMatchObject([{ reason: 'select', count: 1, totalNs: 80 }]);
  expect(coverage.spansAcrossGaps).toBe(1);
});

test('a program that got the pid of one that had ended is another process', async () => {
  const a = await recorded(textTrace(worker(7)), { startNs: 1000 });
  const other = await recorded(textTrace(worker(7)), { startNs: 1100 });
  Object.assign(other.facts.targets[0]!, { executable: '/srv/other' });
  const { facts } = await merged(a, other);
  expect(facts.targets.map(({ pid }) => pid)).toEqual([1, 10_000_001]);
});

/** Without what differs because a gap is told in another segment, and where equal values stand. */
function comparable(analysis: Analysis): unknown {
  const { coverage, trace, topGoroutines, startFunctions, overTime, blockReasons, systemStackReasons, ...rest } =
    analysis;
  const { spansAcrossGaps, knownAcrossGapsNs, ...times } = coverage;
  const sums = (reasons: typeof blockReasons) =>
    reasons.map(({ reason, count, totalNs }) => ({ reason, count, totalNs }));
  const { damage, complete, ...losses } = rest.losses;
  return { ...rest, losses, times, blocked: sums(blockReasons), stacks: sums(systemStackReasons), warnings: undefined };
}

test.each(
  readdirSync(fixtures).filter((name) => /known|tsc|iter-pull|details/.test(name)),
)('cuts of %s side by side are merged to what a cut of both is', async (name) => {
  using trace = await openTrace(join(fixtures, name));
  const points = [0.15, 0.5, 0.8].map((share) => Math.round(share * trace.endNs));
  const [a, b, c] = points as [number, number, number];
  const both = await merged(await cut(trace, b, c), await cut(trace, a, b));
  const expected = await cut(trace, a, c);
  expect(both.facts.window).toEqual(expected.facts.window);
  expect(await rows(both)).toEqual(await rows(expected));
  expect(comparable(await analyzeTrace(both, { top: 5 }))).toEqual(
    comparable(await analyzeTrace(expected, { top: 5 })),
  );
  const whole = await merged(
    await cut(trace, 0, b),
    await cut(trace, b, c),
    await cut(trace, c, Number.POSITIVE_INFINITY),
  );
  expect(await rows(whole)).toEqual(await rows(trace));
});
