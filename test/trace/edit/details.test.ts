/** Stacks, calls, OS schedules and labels in traces that are made of others. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesSource } from '../../../src/base/byte-source.js';
import type { TraceFacts } from '../../../src/model/trace-facts.js';
import type { TraceSource } from '../../../src/model/trace-segment.js';
import { GoroutineTable } from '../../../src/replay/goroutine-table.js';
import { StackTable } from '../../../src/replay/stack-table.js';
import { WindowSource } from '../../../src/replay/window/window-source.js';
import { cutTrace } from '../../../src/trace/edit/cut-trace.js';
import { mergeTraces } from '../../../src/trace/edit/merge-traces.js';
import { publicPackages } from '../../../src/trace/edit/redact/name-redactor.js';
import { collectSensitive } from '../../../src/trace/edit/redact/sensitive-of-trace.js';
import { findSurvivors } from '../../../src/trace/edit/redact/survivors.js';
import { digestDifferences, digestTrace } from '../../../src/trace/edit/trace-digest.js';
import type { TraceFile } from '../../../src/trace/open-trace.js';
import { verifyTrace } from '../../../src/trace/verify/verify-trace.js';
import { allOf, detailedTrace } from '../../support/trace-with-details.js';
import { MemorySink, testFacts, writeTrace } from '../memory-file.js';
import { balanced } from '../sound-trace.js';
import { compacted, openMemory, redacted } from './open-memory.js';

const sameBoot = { host: { ...testFacts().host, bootId: 'a boot' } };
const whole = await detailed();

async function detailed(facts?: Partial<TraceFacts>): Promise<Uint8Array> {
  return balanced(await writeTrace(detailedTrace(), testFacts({ ...sameBoot, ...facts })));
}

function window(fromNs: number, toNs: number, goids?: readonly number[]): WindowSource {
  const isWanted = goids && ((_: number, goid: number) => goids.includes(goid));
  return new WindowSource(openMemory(whole), { fromNs, toNs, goids: goids ?? [], functions: [], isWanted });
}

async function cut(fromNs: number, toNs: number, goids?: readonly number[]): Promise<Uint8Array> {
  const sink = new MemorySink();
  await cutTrace(openMemory(whole), window(fromNs, toNs, goids), sink, { level: 1 });
  return sink.bytes;
}

async function merged(files: readonly Uint8Array[]): Promise<Uint8Array> {
  const sink = new MemorySink();
  const traces = files.map((file, i) => ({ name: `trace ${i}`, trace: openMemory(file) }));
  await mergeTraces(traces, sink, { level: 1, producer: 'test' });
  return sink.bytes;
}

/** The rows that have a stack, with its functions; what is not known by then is not there. */
async function stackRows(source: Pick<TraceSource, 'segments'>): Promise<string[]> {
  const table = new StackTable();
  const rows: string[] = [];
  for await (const segment of source.segments()) {
    table.add(segment);
    const { transitions, states = [], after } = segment;
    for (const { stack } of states) if (stack !== 0) expect(table.framesOf(stack)).not.toEqual([]);
    for (const stack of after?.stack ?? []) if (stack !== 0) expect(table.framesOf(stack)).not.toEqual([]);
    for (let row = 0; row < transitions.length; row++) {
      const [timeNs, stack] = [transitions.timeNs[row]!, transitions.stack[row]!];
      const names = table.framesOf(stack).map((frame) => `${frame.function}:${frame.line}`);
      if (stack !== 0) rows.push([timeNs, ...names, table.isTruncated(stack) ? '…' : ''].join(' '));
    }
  }
  return rows;
}

async function labelsAtEnd(source: Pick<TraceSource, 'segments'>): Promise<unknown> {
  const table = new GoroutineTable();
  for await (const { goroutines } of source.segments()) for (const info of goroutines) table.addInfo(info);
  return Array.from({ length: table.size }, (_, g) => [
    table.goidOf(g),
    table.infoOf(g)?.origin,
    table.infoOf(g)?.labels,
  ]);
}

const open = (file: Uint8Array): TraceFile => openMemory(file);
const ROWS = [
  '170 main.wait:30 main.worker:12 ',
  '200 main.wait:30 main.worker:12 net/http.(*conn).serve:2000 …',
  '390 main.wait:30 main.worker:12 ',
];

test('the whole trace is sound, and its stacks are known when rows name them', async () => {
  expect(verifyTrace(bytesSource(whole)).problems).toEqual([]);
  expect(await stackRows(open(whole))).toEqual(ROWS);
});

test('a cut tells the stacks that it names, and no others', async () => {
  const late = open(await cut(380, 500));
  expect(await stackRows(late)).toEqual(ROWS.slice(2));
  expect((await allOf(late)).stacks.map(({ id }) => id)).toEqual([1]);
});

test('a cut that begins within a wait knows where it waits', async () => {
  const inside = await allOf(open(await cut(250, 305)));
  expect(inside.rowStacks).toEqual([0]);
  expect(inside.stacks.map(({ id }) => id)).toEqual([7]);
  expect(inside.frames.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
});

test('a cut has the calls that overlap it, with their own times', async () => {
  const { calls } = await allOf(open(await cut(195, 310)));
  expect(calls.map(({ startNs, endNs }) => [startNs, endNs])).toEqual([
    [120, 200],
    [250, 500],
  ]);
});

test('a cut has the changes of threads within it, and of each thread the last one before', async () => {
  const os = async (fromNs: number, toNs: number) =>
    (await allOf(open(await cut(fromNs, toNs)))).os.map(({ timeNs }) => timeNs);
  expect(await os(310, 405)).toEqual([300, 320]);
  expect(await os(200, 250)).toEqual([160]);
  expect(await os(450, 500)).toEqual([]);
});

test('a cut knows the labels of its left border, and tells those that come later in their place', async () => {
  expect(await labelsAtEnd(open(await cut(0, 250)))).toEqual([[2, 'created', [{ key: 'endpoint', value: '/login' }]]]);
  const { goroutines } = await allOf(open(await cut(160, 500)));
  expect(goroutines.map(({ origin, labels }) => [origin, labels?.[0]?.value])).toEqual([
    ['created', '/login'],
    ['relabelled', '/logout'],
  ]);
  const late = await allOf(open(await cut(350, 500)));
  expect(late.goroutines.map(({ labels }) => labels?.[0]?.value)).toEqual(['/logout']);
});

test('a cut of other goroutines has no calls of this one', async () => {
  expect((await allOf(open(await cut(0, 500, [1])))).calls).toEqual([]);
});

test('a window says what the cut of it says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(500), fc.nat(500), fc.boolean(), async (a, b, only) => {
      const range = [Math.min(a, b), Math.max(a, b), only ? [2] : undefined] as const;
      const file = await cut(...range);
      expect(await allOf(open(file))).toEqual(await allOf(window(...range)));
      expect(verifyTrace(bytesSource(file)).problems).toEqual([]);
      await stackRows(open(file));
    }),
    { numRuns: 60 },
  );
});

test('parts of a trace put together again are that trace', async () => {
  const before = await allOf(open(whole));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 499 }), fc.integer({ min: 1, max: 499 }), async (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const parts = [await cut(0, from), ...(from < to ? [await cut(from, to)] : []), await cut(to, 2 ** 50)];
      const file = await merged(parts);
      const after = await allOf(open(file));
      expect([after.calls, after.os, after.rowStacks]).toEqual([before.calls, before.os, before.rowStacks]);
      expect(await stackRows(open(file))).toEqual(ROWS);
      expect(await labelsAtEnd(open(file))).toEqual(await labelsAtEnd(open(whole)));
      expect(verifyTrace(bytesSource(file)).problems).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test('of two traces that give one id to different stacks each keeps its own', async () => {
  const other = await detailedOfOtherHost();
  const file = await merged([whole, other]);
  const rows = await stackRows(open(file));
  expect(rows.filter((row) => row.includes('main.'))).toEqual(ROWS);
  expect(rows.filter((row) => row.includes('other.'))).toEqual(ROWS.map((row) => row.replaceAll('main.', 'other.')));
  const told = await allOf(open(file));
  expect(new Set(told.stacks.map(({ id }) => id)).size).toBe(4);
  expect(new Set(told.calls.map(({ pid }) => pid))).toEqual(new Set([1, 10_000_001]));
  expect(new Set(told.os.map(({ pid }) => pid))).toEqual(new Set([1, 10_000_001]));
  expect(verifyTrace(bytesSource(file)).problems).toEqual([]);
});

test('two traces of one program share their stacks', async () => {
  const start = { ...testFacts().start, monotonicNs: String(BigInt(testFacts().start.monotonicNs) + 10_000n) };
  const file = await merged([whole, await detailed({ start })]);
  expect((await allOf(open(file))).stacks.map(({ id }) => id)).toEqual([1, 7]);
  expect(await stackRows(open(file))).toHaveLength(6);
});

/** The same with other names, on another host. */
async function detailedOfOtherHost(): Promise<Uint8Array> {
  const source = detailedTrace();
  const renamed: TraceSource = {
    ...source,
    get reasons() {
      return source.reasons;
    },
    async *segments() {
      for await (const segment of source.segments()) {
        const frames = segment.frames?.map((frame) => ({
          ...frame,
          function: frame.function.replace('main.', 'other.'),
        }));
        yield { ...segment, frames };
      }
    },
  };
  const facts = testFacts({ host: { ...testFacts().host, hostname: 'other', bootId: 'another boot' } });
  return balanced(await writeTrace(renamed, facts));
}

test.each([1, 3, 1000])('compaction into segments of %d rows loses nothing', async (rows) => {
  const file = await compacted(whole, rows);
  expect(digestDifferences(await digestTrace(open(whole)), await digestTrace(open(file)))).toEqual([]);
  expect(verifyTrace(bytesSource(file)).problems).toEqual([]);
  expect(await stackRows(open(file))).toEqual(ROWS);
});

test('the digest tells a change of any of them', async () => {
  const digest = await digestTrace(open(whole));
  expect([...digest.keys()]).toEqual(expect.arrayContaining(['functions', 'stacks', 'calls', 'sched.tid']));
});

test('of a redacted trace no name, label or argument is left', async () => {
  const file = await redacted(whole, { renumber: true });
  const { strings } = await collectSensitive(open(whole), publicPackages([]));
  const expected = ['worker', 'Server', 'endpoint', '/login', 'login', '/logout', 'Ünal "x"', '/src/main'];
  expect([...strings]).toEqual(expect.arrayContaining(expected));
  expect(findSurvivors(bytesSource(file), strings)).toEqual([]);
  expect(findSurvivors(bytesSource(whole), strings).map(({ text }) => text)).toEqual(expect.arrayContaining(expected));
  const told = await allOf(open(file));
  expect(told.frames.map((frame) => `${frame.function} ${frame.file}:${frame.line}`)).toEqual([
    expect.stringMatching(/^main\.func_[0-9a-f]{8} \/dir_[0-9a-f]{8}\/file_[0-9a-f]{8}\.go:12$/),
    expect.stringMatching(/^main\.func_[0-9a-f]{8} \/dir_[0-9a-f]{8}\/file_[0-9a-f]{8}\.go:30$/),
    'net/http.(*conn).serve $GOROOT/src/net/http/server.go:2000',
  ]);
  expect(told.calls.map((call) => call.arguments)).toEqual(['', '', '', '']);
  expect(new Set(told.os.map(({ tid }) => tid))).toEqual(new Set([1]));
  expect(verifyTrace(bytesSource(file)).problems).toEqual([]);
});
