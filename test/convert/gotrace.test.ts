/** `convert --to gotrace`, held against golang.org/x/exp/trace: what it reads is what replay says. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gotraceFormat } from '../../src/convert/gotrace/gotrace-format.js';
import { UNKNOWN } from '../../src/convert/gotrace/trace-words.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { WindowSource } from '../../src/replay/window/window-source.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { convertToMemory, type GoroutineTotals, goTotals, replayTotals, type Totals } from '../support/gotrace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { randomTrace } from './random-trace.js';

const fixtures = new URL('../../fixtures/', import.meta.url).pathname;
const TRACES = ['', 'versions/', 'sick/']
  .filter((folder) => existsSync(join(fixtures, folder)))
  .flatMap((folder) =>
    readdirSync(join(fixtures, folder)).flatMap((name) =>
      /^(?!newer-major).*\.gotape\.zip$/.test(name) ? `${folder}${name}` : [],
    ),
  );

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-gotrace-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

async function writeGotrace(source: TraceSource): Promise<string> {
  const { files: written } = await convertToMemory(gotraceFormat, source);
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
