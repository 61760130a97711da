/** `convert --to gotrace`, held against golang.org/x/exp/trace: what it reads is what replay says. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gotraceFormat } from '../../src/convert/gotrace/gotrace-format.js';
import { UNKNOWN, UNSEEN } from '../../src/convert/gotrace/trace-words.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { WindowSource } from '../../src/replay/window/window-source.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { convertToMemory, type GoroutineTotals, goTotals, replayTotals, type Totals } from '../support/gotrace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';
import { traceWithStacks } from '../support/with-stacks.js';
import { randomTrace } from './random-trace.js';

const fixtures = new URL('../../fixtures/', import.meta.url).pathname;
const TRACES = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.gotape.zip') && !name.includes('newer-major'))
  .toSorted();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-gotrace-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

async function writeGotrace(source: TraceSource): Promise<string> {
  const { files: written, report } = await convertToMemory(gotraceFormat, source);
  expect(report.summary()).not.toContain('too late');
  const file = join(folder, `${files++}.trace`);
  writeFileSync(file, written.get('')!);
  return file;
}

/** Readers move events with equal times apart, 1 ns each, which may move those behind them too. */
function expectSame(
  read: readonly GoroutineTotals[],
  replayed: Map<number, Totals>,
  toleranceNs: number,
  shown: (totals: Totals) => Totals = withoutInitialReasons,
): void {
  const goids = new Set(read.map(({ goid }) => goid));
  expect([...replayed.keys()].filter((goid) => !goids.has(goid))).toEqual([]);
  for (const { goid, totals = {} } of read) {
    const [a, b] = [shown(totals), shown(replayed.get(goid) ?? {})];
    for (const state of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const difference = Math.abs((a[state] ?? 0) - (b[state] ?? 0));
      if (difference > toleranceNs) expect({ goid, ...a }).toEqual({ goid, ...b });
    }
  }
}

/** Goroutines that wait when the trace begins, or that are created waiting: the format has no room for their reason. */
function withoutInitialReasons(totals: Totals): Totals {
  const without = ['', 'unspecified', 'coroutine', 'preempted', UNKNOWN].map((reason) => `waiting: ${reason}`);
  return renamed(totals, (state) => (without.includes(state) ? 'waiting' : state));
}

function withoutReasons(totals: Totals): Totals {
  return renamed(totals, (state) => state.replace(/:.*/s, ''));
}

function renamed(totals: Totals, rename: (state: string) => string): Totals {
  const sums: Record<string, number> = {};
  for (const [state, ns] of Object.entries(totals)) sums[rename(state)] = (sums[rename(state)] ?? 0) + ns;
  return sums;
}

async function changesOf(source: TraceSource): Promise<number> {
  let rows = 0;
  for await (const { transitions } of source.segments()) rows += transitions.length;
  return rows;
}

function slowedDown(source: TraceSource): TraceSource {
  const FACTOR = 300;
  return {
    facts: source.facts,
    endNs: source.endNs * FACTOR,
    get reasons() {
      return source.reasons;
    },
    async *segments() {
      for await (const segment of source.segments()) {
        const { transitions, gaps } = segment;
        const slow = (ns: number) => ns * FACTOR;
        yield {
          ...segment,
          transitions: { ...transitions, timeNs: transitions.timeNs.map(slow) },
          gaps: gaps.map((gap) => ({ ...gap, fromNs: slow(gap.fromNs), toNs: slow(gap.toNs) })),
        };
      }
    },
  };
}

test.each(TRACES)('Go reads %s, and every goroutine has the time in each state that replay gives it', async (name) => {
  using trace = await openTrace(join(fixtures, name));
  const [read] = goTotals(await writeGotrace(trace));
  const replayed = await replayTotals(trace);
  // Coroutines start and stop at one moment of gotape, at three of Go's reader.
  expectSame(read!, replayed, name.includes('iter-pull') || name.includes('future') ? 1500 : 20);
});

test('Go reads whatever transitions there are, and the times are those of replay', async () => {
  const sources = fc.sample(randomTrace, { numRuns: 200, seed: 7 });
  const read = goTotals(...(await Promise.all(sources.map(writeGotrace))));
  for (const [i, source] of sources.entries()) {
    expectSame(read[i]!, await replayTotals(source), 300 + 4 * (await changesOf(source)), withoutReasons);
  }
});

test('Go reads them when they last for minutes, in many generations', async () => {
  const sources = fc.sample(randomTrace, { numRuns: 100, seed: 9 }).map(slowedDown);
  const read = goTotals(...(await Promise.all(sources.map(writeGotrace))));
  for (const [i, source] of sources.entries()) {
    expectSame(read[i]!, await replayTotals(source), 300 + 4 * (await changesOf(source)), withoutReasons);
  }
});

test('Go reads any window of any trace', async () => {
  const window = fc.tuple(fc.nat(2_000_000), fc.nat(20_000_000));
  const samples = fc.sample(fc.tuple(randomTrace, window), { numRuns: 100, seed: 8 });
  const sources = samples.map(([source, [fromNs, lengthNs]]) => {
    return new WindowSource(source, { fromNs, toNs: fromNs + lengthNs, goids: [], functions: [] });
  });
  const read = goTotals(...(await Promise.all(sources.map(writeGotrace))));
  for (const [i, source] of sources.entries()) {
    expectSame(read[i]!, await replayTotals(source), 300 + 4 * (await changesOf(source)), withoutReasons);
  }
});

test('a trace of many generations is one trace', async () => {
  const source = syntheticTrace({ goroutines: 500, segments: 8, rowsPerSegment: 50_000 });
  const file = await writeGotrace(source);
  const [read] = goTotals(file);
  expectSame(read!, await replayTotals(source), 2000);
});

/** Generations end about every second: each of these segments is in another one. */
const MINUTE = `
  created 1 0 main.main
  0 1 dead runnable
  10 1 runnable running
  20 2 running waiting reason=select
  segment
  20_000_000_000 3 waiting runnable
  20_000_000_100 3 runnable running
  segment
  40_000_000_000 3 running waiting reason=chan_receive
  40_000_000_500 1 waiting runnable
  40_000_000_900 4 syscall running
  segment
  60_000_000_000 1 runnable running
  60_000_000_500 5 dead runnable
  end 60_000_001_000`.replaceAll(/(?<=\d)_/g, '');

test('what is learned a generation late stands where it belongs', async () => {
  const source = textTrace(MINUTE);
  const [read] = goTotals(await writeGotrace(source));
  // Its first events tell that it lived, its last but one that something is missing.
  expect(read!.find(({ goid }) => goid === 3)?.totals?.['waiting: ']).toBeGreaterThan(19_999_999_900);
  const missed = read!.find(({ goid }) => goid === 1)?.totals?.[`waiting: ${UNSEEN}`];
  expect(Math.abs(missed! - 40_000_000_490)).toBeLessThan(20);
  expectSame(read!, await replayTotals(source), 20);
});

test('each process has a file', async () => {
  const source = textTrace(`
    created 7 0 main.main pid=10
    0 7 dead runnable pid=10
    5 7 runnable running pid=10
    6 7 dead runnable pid=20
    50 7 running dead pid=10
    70 7 runnable running pid=20
    end 100`);
  const { files: written, report } = await convertToMemory(gotraceFormat, source);
  expect([...written.keys()]).toEqual(['pid-10', 'pid-20']);
  expect(report.summary()).toContain('a file for each of the processes 10, 20');
  for (const [pid, name] of [
    [10, 'pid-10'],
    [20, 'pid-20'],
  ] as const) {
    const file = join(folder, `${name}.trace`);
    writeFileSync(file, written.get(name)!);
    expectSame(goTotals(file)[0]!, await replayTotals(source, pid), 5);
  }
});

test('a trace without any event is one that Go reads', async () => {
  expect(goTotals(await writeGotrace(textTrace('end 1000')))).toEqual([[]]);
});

test('names, and stacks that are too deep, are cut to what readers take', async () => {
  const deep = Array.from({ length: 300 }, (_, i) => `main.f${i}`).join(' > ');
  const long = `main.${'x'.repeat(5000)}é`;
  const text = `created 1 0 ${long}\n0 1 dead runnable\n5 1 runnable running\n9 1 running waiting reason=select stack=1\nend 50`;
  const [read] = goTotals(await writeGotrace(traceWithStacks(text, [deep])));
  expect(read![0]?.name).toHaveLength(1024);
  expect(read![0]?.totals).toHaveProperty('waiting: select');
});
