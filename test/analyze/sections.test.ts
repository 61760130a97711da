/** The sections against plain computations over spans. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DurationStats } from '../../src/analyze/sections.js';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { type Span, SpanKind } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { NO_P } from '../../src/model/transition-batch.js';
import { randomTrace } from '../convert/random-trace.js';
import { type Collected, collectSpans } from '../support/collect-spans.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { detailedTrace, MS } from './detailed-trace.js';

const TOP = 10_000;
const lengthOf = ({ startNs, endNs }: Span) => endNs - startNs;

async function everythingOf(source: TraceSource) {
  const collected = await collectSpans(source);
  const analysis = await analyzeTrace(source, { top: TOP, sections: 'all', groupBy: 'function' });
  return { analysis, collected, sections: analysis.sections };
}

/** Holds statistics against all the lengths that they are about. */
function expectStats(stats: DurationStats | null | undefined, spans: readonly Span[]): void {
  const lengths = spans.map(lengthOf).toSorted((a, b) => a - b);
  if (lengths.length === 0) {
    expect(stats ?? null).toBeNull();
    return;
  }
  const totalNs = lengths.reduce((sum, ns) => sum + ns, 0);
  expect(stats).toMatchObject({ count: lengths.length, totalNs, minNs: lengths[0], maxNs: lengths.at(-1) });
  expect(stats?.avgNs).toBeCloseTo(totalNs / lengths.length, 3);
  for (const [percent, found] of [
    [50, stats?.p50Ns],
    [95, stats?.p95Ns],
    [99, stats?.p99Ns],
  ] as const) {
    const exact = lengths[Math.ceil((percent / 100) * lengths.length) - 1]!;
    expect(found).toBeGreaterThanOrEqual(exact);
    expect(found).toBeLessThanOrEqual((exact + 1) * (1 + 1 / 128));
  }
}

function functionOf({ goroutines }: Collected, { goroutine }: Span): string {
  return goroutines.infoOf(goroutine)?.startFunction ?? '';
}

const KINDS = [
  ['execution', SpanKind.running],
  ['schedWait', SpanKind.runnable],
  ['block', SpanKind.waiting],
  ['syscall', SpanKind.syscall],
  ['preempted', SpanKind.preempted],
] as const;

test('durations by start function and state are those of the spans', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { collected, sections } = await everythingOf(source);
      for (const name of new Set(collected.spans.map((span) => functionOf(collected, span)))) {
        const group = sections.functions?.list.find((each) => each.name === name);
        for (const [state, kind] of KINDS) {
          const spans = collected.spans.filter((span) => span.kind === kind && functionOf(collected, span) === name);
          expectStats(group?.[state], spans);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('waits by reason, scheduling latency and system calls are those of the spans', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { collected, sections } = await everythingOf(source);
      const of = (kind: SpanKind) => collected.spans.filter((span) => span.kind === kind);
      for (const [index, reason] of source.reasons.entries()) {
        const found = sections.block?.reasons.find((each) => each.reason === reason);
        expectStats(
          found,
          of(SpanKind.waiting).filter((span) => span.reason === index),
        );
      }
      expectStats(sections.latency?.stats, of(SpanKind.runnable));
      expectStats(sections.syscalls?.stats, of(SpanKind.syscall));
      const inHistogram = sections.latency?.histogram.reduce((sum, [, count]) => sum + count, 0);
      expect(inHistogram).toBe(of(SpanKind.runnable).length);
      const inHeatMap = sections.latency?.heatMap.cells.reduce((sum, [, , count]) => sum + count, 0);
      expect(inHeatMap).toBe(of(SpanKind.runnable).length);
    }),
    { numRuns: 60 },
  );
});

test('time by P and by state over time adds up to that of the spans', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { analysis, collected, sections } = await everythingOf(source);
      const cpu = sections.cpu!;
      const running = collected.spans.filter(({ kind }) => kind === SpanKind.running);
      const ns = (spans: readonly Span[]) => spans.reduce((sum, span) => sum + lengthOf(span), 0);
      expect(cpu.ps.reduce((sum, p) => sum + p.ns, 0)).toBe(ns(running.filter(({ p }) => p !== NO_P)));
      expect(cpu.withoutPNs).toBe(ns(running.filter(({ p }) => p === NO_P)));
      const sum = (key: 'runningNs' | 'runnableNs' | 'waitingNs' | 'syscallNs' | 'unknownNs') =>
        cpu.overTime.buckets.reduce((total, bucket) => total + bucket[key], 0);
      const { totals } = analysis;
      expect(sum('runningNs')).toBeCloseTo(totals.executionNs, 0);
      expect(sum('runnableNs')).toBeCloseTo(totals.schedWaitNs, 0);
      expect(sum('waitingNs')).toBeCloseTo(totals.blockNs, 0);
      expect(sum('syscallNs')).toBeCloseTo(totals.syscallNs, 0);
      expect(sum('unknownNs')).toBeCloseTo(totals.unknownNs, 0);
      expect(cpu.parallelism.reduce((total, each) => total + each.ns, 0)).toBeCloseTo(analysis.durationNs, 0);
    }),
    { numRuns: 60 },
  );
});

const legal = () => syntheticTrace({ goroutines: 30, segments: 3, rowsPerSegment: 2_000 });

test('how many ran at once, and while others were ready, is what a sweep over the spans finds', async () => {
  const { collected, sections } = await everythingOf(legal());
  const changes = collected.spans
    .filter(({ kind }) => kind === SpanKind.running || kind === SpanKind.runnable)
    .flatMap(({ kind, startNs, endNs }) => [
      { timeNs: startNs, kind, by: 1 },
      { timeNs: endNs, kind, by: -1 },
    ])
    .toSorted((a, b) => a.timeNs - b.timeNs);
  const times = new Map<number, { ns: number; whileRunnableNs: number }>();
  const now = { [SpanKind.running]: 0, [SpanKind.runnable]: 0 } as Record<number, number>;
  let last = 0;
  // Behind the last change spans are unknown: what goroutines did then is told by their last event only.
  for (const { timeNs, kind, by } of changes) {
    const of = times.get(now[SpanKind.running]!) ?? { ns: 0, whileRunnableNs: 0 };
    times.set(now[SpanKind.running]!, of);
    of.ns += timeNs - last;
    if (now[SpanKind.runnable]! > 0) of.whileRunnableNs += timeNs - last;
    now[kind] = now[kind]! + by;
    last = timeNs;
  }
  for (const { running, ns, whileRunnableNs } of sections.cpu!.parallelism) {
    const of = times.get(running) ?? { ns: 0, whileRunnableNs: 0 };
    // The last spans of each goroutine are cut off: a few hundred of some hundred thousand ns.
    expect(Math.abs(ns - of.ns)).toBeLessThan(0.05 * last);
    expect(Math.abs(whileRunnableNs - of.whileRunnableNs)).toBeLessThan(0.05 * last);
  }
});

test('every wake-up is on an edge, with its time to running', async () => {
  const { collected, sections } = await everythingOf(legal());
  const woken = collected.spans.filter(
    ({ kind, waker, wakeSource }) => kind === SpanKind.runnable && (waker !== 0 || wakeSource !== 0),
  );
  const edges = sections.wakes!.byFunction;
  expect(edges.reduce((sum, { latency }) => sum + latency.count, 0)).toBe(woken.length);
  expect(edges.reduce((sum, { latency }) => sum + latency.totalNs, 0)).toBe(
    woken.reduce((sum, span) => sum + lengthOf(span), 0),
  );
  const byGoroutine = sections.wakes!.byGoroutine.reduce((sum, { count }) => sum + count, 0);
  expect(byGoroutine).toBe(woken.filter(({ waker }) => waker !== 0).length);
});

test('what ran during the longest waits is what the spans say', async () => {
  const { collected, sections } = await everythingOf(legal());
  const running = collected.spans.filter(({ kind, p }) => kind === SpanKind.running && p !== NO_P);
  for (const { startNs, ns, explainedNs, ps } of sections.latency!.worst.slice(0, 20)) {
    const overlaps = running.map((span) => Math.min(span.endNs, startNs + ns) - Math.max(span.startNs, startNs));
    const meanwhile = overlaps.filter((overlap) => overlap > 0);
    const exact = meanwhile.reduce((sum, overlap) => sum + overlap, 0);
    // Of each P its last 64 runs are kept.
    if (meanwhile.length <= 64) expect(explainedNs).toBe(exact);
    else expect(explainedNs).toBeLessThanOrEqual(exact);
    expect(explainedNs).toBeLessThanOrEqual(ps * ns);
  }
});

test('calls are split into what their goroutines did', async () => {
  const { sections } = await everythingOf(detailedTrace());
  expect(sections.calls?.functions).toMatchObject([
    {
      function: 'main.work',
      goroutines: 10,
      latency: { count: 10, totalNs: 57.5 * MS },
      within: {
        calls: 10,
        // From 3 ms to 8.75 ms after the handler began: see detailed-trace.ts.
        executionNs: 10 * (1 + 1 + 0.25) * MS,
        syscallNs: 10 * MS,
        blockNs: 20 * MS,
        schedWaitNs: 5 * MS,
        preemptedNs: 0,
        otherNs: 0,
      },
      longest: { arguments: 'n=1' },
    },
  ]);
});

test('stacks, labels, creators and churn name where things happen', async () => {
  const source = detailedTrace();
  const { sections } = await everythingOf(source);
  expect(sections.block?.stacks.list[0]).toMatchObject({
    reason: 'sync.Mutex.Lock',
    count: 10,
    totalNs: 20 * MS,
    truncated: true,
    frames: [{ function: 'sync.(*Mutex).Lock' }, { function: 'main.handle', line: 42 }],
  });
  expect(sections.churn?.sites).toMatchObject([
    {
      createdBy: 'main.serve main.go:20',
      startFunction: 'main.handle',
      created: 20,
      exited: 10,
      lifetime: { count: 10, p50Ns: 8 * MS },
    },
  ]);
  const labelled = await analyzeTrace(source, { top: 10, sections: ['functions'], groupBy: 'label' });
  expect(labelled.sections.functions?.list.map(({ name, goroutines }) => [name, goroutines])).toEqual([
    ['path=/fine', 10],
    ['path=/leak', 10],
    ['', 1],
  ]);
  const created = await analyzeTrace(source, { top: 10, sections: ['functions'], groupBy: 'creator' });
  expect(created.sections.functions?.list[0]).toMatchObject({ name: 'main.serve main.go:20', goroutines: 20 });
});

test('counts and times of windows side by side add up', async () => {
  const source = legal();
  const middle = Math.floor(source.endNs / 2);
  const of = async (fromNs: number, toNs: number) => {
    const selection = { fromNs, toNs, goids: [], functions: [] };
    const { sections } = await analyzeTrace(source, { top: TOP, sections: 'all', selection });
    const figures: [string, number][] = [];
    for (const group of sections.functions!.list) {
      for (const [state] of KINDS) {
        figures.push([`${group.name} ${state} count`, group[state]?.count ?? 0]);
        figures.push([`${group.name} ${state} time`, group[state]?.totalNs ?? 0]);
      }
    }
    for (const { reason, count, totalNs } of sections.block!.reasons) {
      figures.push([`${reason} count`, count], [`${reason} time`, totalNs]);
    }
    for (const { id, runs, ns } of sections.cpu!.ps) figures.push([`P ${id} runs`, runs], [`P ${id} ns`, ns]);
    for (const { running, ns } of sections.cpu!.parallelism) figures.push([`${running} at once`, ns]);
    for (const { waker, wakee, latency } of sections.wakes!.byFunction) {
      figures.push([`${waker} wakes ${wakee}`, latency.count]);
    }
    figures.push(['system calls', sections.syscalls!.stats!.count], ['latencies', sections.latency!.stats!.count]);
    return new Map(figures);
  };
  const [whole, left, right] = [
    await of(0, Number.POSITIVE_INFINITY),
    await of(0, middle),
    await of(middle, Number.POSITIVE_INFINITY),
  ];
  for (const [name, value] of whole) {
    expect(`${name} ${((left.get(name) ?? 0) + (right.get(name) ?? 0)).toFixed(0)}`).toBe(
      `${name} ${value.toFixed(0)}`,
    );
  }
});
