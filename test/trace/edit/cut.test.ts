/** A cut says what a window of the whole says. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Analysis } from '../../../src/analyze/analysis.js';
import { analyzeTrace } from '../../../src/cli/analyze-trace.js';
import { type Selection, WindowSource } from '../../../src/replay/window/window-source.js';
import { cutTrace } from '../../../src/trace/edit/cut-trace.js';
import { openTrace, type TraceFile } from '../../../src/trace/open-trace.js';
import { randomTrace } from '../../convert/random-trace.js';
import { convertToChrome } from '../../support/convert-to-chrome.js';
import { MemorySink } from '../../support/memory-trace.js';
import { syntheticTrace } from '../../support/synthetic-trace.js';
import { textTrace } from '../../support/text-trace.js';
import { writeTraceFile } from '../../support/trace-file.js';

const fixtures = new URL('../../../fixtures/', import.meta.url).pathname;
const FIXTURES = readdirSync(fixtures).filter((name) => name.endsWith('.gotape.zip'));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-cut-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function selection(fromNs: number, toNs: number, isWanted?: Selection['isWanted']): Selection {
  return { fromNs, toNs, goids: [], functions: [], isWanted };
}

async function cut(trace: TraceFile, chosen: Selection): Promise<TraceFile> {
  const sink = new MemorySink();
  await cutTrace(trace, new WindowSource(trace, chosen), sink, { level: 1 });
  return sink.trace();
}

/** Without what is about the file and not about the window; of extremes that began together either may be named. */
function figures({ losses, ...rest }: Analysis): unknown {
  const extreme = (value: unknown) =>
    typeof value === 'object' && value !== null && 'goid' in value ? { ...value, goid: undefined } : value;
  const isExtreme = (key: string) => key === 'max' || key === 'longest';
  // What stands behind the share that is known is about the file.
  const share = (certainty: unknown) => String(certainty).replace(/;.*/, '');
  const text = JSON.stringify(
    { ...rest, losses: { ...losses, complete: undefined, damage: undefined } },
    (key, value: unknown) => (isExtreme(key) ? extreme(value) : key === 'certainty' ? share(value) : value),
  );
  return JSON.parse(text);
}

async function expectSame(trace: TraceFile, chosen: Selection): Promise<TraceFile> {
  const result = await cut(trace, chosen);
  const windowed = await analyzeTrace(trace, { top: 10, selection: chosen });
  expect(figures(await analyzeTrace(result, { top: 10 }))).toEqual(figures(windowed));
  expect(result.damage).toEqual([]);
  return result;
}

test.each(FIXTURES)('a cut of %s is analyzed as the same window of the whole is', async (name) => {
  using trace = await openTrace(join(fixtures, name));
  for await (const _ of trace.segments());
  const { endNs } = trace;
  const goids = new Set<number>();
  for await (const { goroutines } of trace.segments()) for (const { goid } of goroutines) goids.add(goid);
  const chosen = new Set([...goids].filter((goid) => goid % 3 === 0));
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), fc.nat(1000), fc.boolean(), async (a, b, filter) => {
      const [from, to] = [a, b].sort((x, y) => x - y).map((share) => Math.round((share / 1000) * endNs)) as [
        number,
        number,
      ];
      await expectSame(trace, selection(from, to, filter ? (_, goid) => chosen.has(goid) : undefined));
    }),
    { numRuns: 15 },
  );
  await expectSame(trace, selection(0, Number.POSITIVE_INFINITY));
  await expectSame(trace, selection(Math.round(endNs / 2), Number.POSITIVE_INFINITY));
});

test('cuts of any trace are analyzed as windows of it, and cuts of cuts as well', async () => {
  let number = 0;
  await fc.assert(
    fc.asyncProperty(randomTrace, fc.nat(1000), fc.nat(1000), fc.boolean(), async (source, a, b, filter) => {
      const path = join(folder, `${number++}.gotape.zip`);
      await writeTraceFile(path, { ...source, facts: { ...source.facts, targets: [] } });
      using trace = await openTrace(path);
      const [from, to] = [a, b].sort((x, y) => x - y).map((share) => Math.round((share / 1000) * source.endNs)) as [
        number,
        number,
      ];
      const isWanted = filter ? (_: number, goid: number) => goid === 1 || goid === 17 : undefined;
      const result = await expectSame(trace, selection(from, to, isWanted));
      const [innerFrom, innerTo] = [from + (to - from) / 4, to - (to - from) / 4].map(Math.round) as [number, number];
      const inner = selection(innerFrom, innerTo, isWanted);
      const cutOfCut = figures(await analyzeTrace(await cut(result, selection(innerFrom, innerTo)), { top: 10 }));
      expect(cutOfCut).toEqual(figures(await analyzeTrace(trace, { top: 10, selection: inner })));
    }),
    { numRuns: 150 },
  );
});

test('whole segments are copied byte for byte, edges are trimmed', async () => {
  const path = join(folder, 'long.gotape.zip');
  const source = syntheticTrace({ goroutines: 100, segments: 8, rowsPerSegment: 3_000 });
  await writeTraceFile(path, source);
  using trace = await openTrace(path);
  const result = await cut(trace, selection(Math.round(source.endNs * 0.2), Math.round(source.endNs * 0.8)));
  const entries = (file: TraceFile) => file.entries.filter(({ name }) => name.startsWith('transitions/'));
  const crcs = new Set(entries(trace).map(({ crc }) => crc));
  const kept = entries(result).filter(({ crc }) => crcs.has(crc));
  expect(kept.length).toBe(4);
  const [original] = entries(trace).filter(({ crc }) => crc === kept[0]!.crc);
  expect(Buffer.compare(result.readEntry(kept[0]!), trace.readEntry(original!))).toBe(0);
  expect(entries(result).length).toBeGreaterThanOrEqual(6);
});

const story = `
  found 1 main.main
  created 7 1 main.worker at=10
  created 8 7 main.other at=40
  10 7 dead runnable waker=1
  20 7 runnable running p=3 tid=44
  30 7 running waiting reason=chan_receive
  40 8 dead runnable waker=7
  70 7 waiting runnable waker=8
  85 7 runnable running
  90 7 running dead
  gap 20 25 4
  gap 60 80 2
  end 100`;

async function storyCut(chosen: Selection): Promise<TraceFile> {
  const path = join(folder, 'story.gotape.zip');
  await writeTraceFile(path, textTrace(story));
  using trace = await openTrace(path);
  return await cut(trace, chosen);
}

test('a cut keeps the clock, says its window, and ends where the window ends', async () => {
  const result = await storyCut(selection(35, 60));
  expect(result.facts.window).toEqual({ fromNs: 35, toNs: 60, goids: [], functions: [] });
  expect(result.facts.start.monotonicNs).toBe('0');
  expect(result.endNs).toBe(60);
  expect(result.summary?.stopReason).toBe('cut from a longer trace, which ended with: test');
});

test('a cut says the state of who lives at its left border, and what came next behind its right one', async () => {
  const segments = [];
  for await (const { states, after, goroutines, transitions } of (await storyCut(selection(35, 60))).segments()) {
    segments.push({
      states: states?.map(({ goid, sinceNs }) => [goid, sinceNs]) ?? [],
      after: after === undefined ? [] : [...after.goid.subarray(0, after.length)],
      goroutines: goroutines.map(({ goid }) => goid),
      rows: [...transitions.timeNs.subarray(0, transitions.length)],
    });
  }
  expect(segments).toEqual([
    { states: [[7, 30]], after: [], goroutines: [1, 7, 8], rows: [] },
    { states: [], after: [], goroutines: [], rows: [40] },
    { states: [], after: [7], goroutines: [], rows: [] },
  ]);
});

test('the summary of a cut counts the losses of gaps that touch it, and its identities hold', async () => {
  const { summary } = await storyCut(selection(35, 60));
  expect(summary?.losses).toMatchObject({ hits: 1, submitted: 1, dropped: 0 });
  const late = (await storyCut(selection(35, 75))).summary;
  expect(late?.losses).toMatchObject({ hits: 4, submitted: 2, dropped: 2 });
  expect(late?.transitions).toBe(2);
});

test('goroutines that the chosen ones name are described, but have no time in the cut', async () => {
  const result = await storyCut(selection(35, 80, (_, goid) => goid === 7));
  const origins: string[] = [];
  for await (const { goroutines } of result.segments())
    origins.push(...goroutines.map(({ goid, origin }) => `${goid} ${origin}`));
  expect(origins.sort()).toEqual(['1 referred', '7 created', '8 referred']);
  expect((await analyzeTrace(result, { top: 3 })).goroutines.total).toBe(1);
});

test('a cut is converted for a viewer like any trace, clipped to its window', async () => {
  const result = await storyCut(selection(35, 60));
  const chunks: Uint8Array[] = [];
  const { audit } = await convertToChrome(result, { write: async (bytes) => void chunks.push(bytes.slice()) });
  expect(audit.lifeNs.value).toBe(25n + 25n + 20n);
  const traceEvents = JSON.parse(Buffer.concat(chunks).toString()) as { ph: string; ts?: number }[];
  const times = traceEvents.filter(({ ph }) => ph === 'X').map(({ ts }) => (ts ?? 0) * 1000);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(35);
});

test.each(FIXTURES.filter((name) => !name.includes('cut-off')))('any cut of %s is sound', async (name) => {
  using trace = await openTrace(join(fixtures, name));
  const half = Math.round(trace.endNs / 2);
  for (const chosen of [
    selection(0, half),
    selection(half, half + 1_000_000),
    selection(half, Number.POSITIVE_INFINITY, (_, goid) => goid % 2 === 0),
  ]) {
    const sink = new MemorySink();
    await cutTrace(trace, new WindowSource(trace, chosen), sink, { level: 1 });
    expect(sink.problems()).toEqual([]);
  }
});
