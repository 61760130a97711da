import { expect, test } from 'vitest';
import type { CriticalPath } from '../../src/analyze/findings.js';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { type Collected, collectSpans } from '../support/collect-spans.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';

async function pathOf(source: TraceSource, criticalPath: string): Promise<CriticalPath> {
  return (await analyzeTrace(source, { top: 1000, criticalPath })).criticalPath!;
}

const HANDED_ON = `
  created 1 0 main.main
  created 2 1 main.worker
  0 1 dead runnable
  10 1 runnable running p=0
  20 2 dead runnable waker=1
  30 1 running waiting reason=chan_receive
  40 2 runnable running p=0
  90 1 waiting runnable waker=2
  95 2 running dead
  100 1 runnable running p=0
  120 1 running dead
  end 120
`;

test('while a goroutine waits, its path is what the one did that woke it', async () => {
  const path = await pathOf(textTrace(HANDED_ON), '1');
  expect(path.path?.steps.map(({ goid, state, startNs, ns }) => [goid, state, startNs, ns])).toEqual([
    [1, 'runnable', 0, 10],
    [1, 'running', 10, 10],
    [2, 'runnable', 20, 20],
    [2, 'running', 40, 50],
    [1, 'runnable', 90, 10],
    [1, 'running', 100, 20],
  ]);
  expect(path).toMatchObject({ goroutines: 1, totalNs: 120 });
  expect(path.shares[0]).toEqual({
    startFunction: 'main.worker',
    state: 'running',
    reason: '',
    ns: 50,
    share: 50 / 120,
  });
});

test('a wait that a timer ends is on the path, with its reason', async () => {
  const source = textTrace(
    'created 1 0 main.main\n0 1 dead runnable\n5 1 runnable running\n10 1 running waiting reason=sleep\n90 1 waiting runnable by=timer\n95 1 runnable running\nend 100',
  );
  const { shares } = await pathOf(source, '1');
  expect(shares[0]).toMatchObject({ state: 'waiting', reason: 'sleep', ns: 80 });
});

test('the paths of a group are added up, and a goroutine that is not there has none', async () => {
  expect(await pathOf(textTrace(HANDED_ON), 'main.*')).toMatchObject({ goroutines: 2, totalNs: 120 + 95 });
  expect(await pathOf(textTrace(HANDED_ON), '77')).toMatchObject({ goroutines: 0, totalNs: 0, path: null });
});

/** Walks back through the spans from the end of a goroutine: sums by `kind`. */
function walkBack({ spans, goroutines }: Collected, goroutine: number, endNs: number): Map<string, number> {
  const byGoroutine = new Map<number, Span[]>();
  for (const span of spans) byGoroutine.set(span.goroutine, [...(byGoroutine.get(span.goroutine) ?? []), span]);
  const sums = new Map<string, number>();
  let [at, timeNs] = [goroutine, endNs];
  for (;;) {
    const span: Span | undefined = byGoroutine
      .get(at)
      ?.find(({ startNs, endNs: end }) => startNs < timeNs && end >= timeNs);
    if (span === undefined) return sums;
    const kind = span.kind === SpanKind.unknown && span.startNs > 0 ? span.hint : span.kind;
    const name = SPAN_KIND_NAMES[kind]!;
    sums.set(name, (sums.get(name) ?? 0) + timeNs - span.startNs);
    timeNs = span.startNs;
    const waker = span.kind === SpanKind.runnable && span.waker !== 0 ? span.waker : 0;
    if (waker === 0) continue;
    for (let index = 0; index < goroutines.size; index++) if (goroutines.goidOf(index) === waker) at = index;
  }
}

test('the sums are those of a walk back through the spans', async () => {
  const source = syntheticTrace({ goroutines: 12, segments: 2, rowsPerSegment: 500 });
  const collected = await collectSpans(source);
  let checked = 0;
  for (let goroutine = 0; goroutine < 12; goroutine++) {
    const endOfLife = collected.calls.find((call) => call.what === 'end' && call.goroutine === goroutine);
    // The span at the end of the trace does not say who woke its goroutine.
    const last = collected.spans.findLast((span) => span.goroutine === goroutine);
    if (last?.kind === SpanKind.unknown && last.hint === SpanKind.runnable) continue;
    const endNs = endOfLife?.what === 'end' ? endOfLife.timeNs : source.endNs;
    checked++;
    const exact = walkBack(collected, goroutine, endNs);
    const { shares, path } = await pathOf(source, String(collected.goroutines.goidOf(goroutine)));
    const found = new Map<string, number>();
    for (const { state, ns } of shares) found.set(state, (found.get(state) ?? 0) + ns);
    expect([...found].toSorted()).toEqual([...exact].toSorted());
    expect(path!.steps.reduce((sum, { ns }) => sum + ns, 0)).toBeLessThanOrEqual(path!.endNs - path!.startNs);
  }
  expect(checked).toBeGreaterThan(6);
});
