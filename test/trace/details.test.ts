/** What `--stacks`, `--call`, `--sched` and pprof labels add to a trace: written, read back, bounded. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sliceOsSchedule } from '../../src/model/os-schedule.js';
import type { GoroutineInfo } from '../../src/model/trace-facts.js';
import type { SegmentDetails, TraceSource } from '../../src/model/trace-segment.js';
import { TransitionColumns } from '../../src/trace/transition-columns.js';
import { emptyFacts } from '../support/text-trace.js';
import { allOf, detailedTrace, osSchedule } from '../support/trace-with-details.js';
import { openMemory } from './edit/open-memory.js';
import { testFacts, unpack, writeTrace } from './memory-file.js';

const NO_ROWS = new TransitionColumns();
const UINT32 = 2 ** 32 - 1;

/** A trace of segments without rows. */
function sourceOf(segments: readonly (SegmentDetails & { goroutines?: GoroutineInfo[] })[]): TraceSource {
  return {
    facts: emptyFacts,
    reasons: [''],
    endNs: 2 ** 51,
    async *segments() {
      for (const [index, segment] of segments.entries())
        yield { index, transitions: NO_ROWS, goroutines: [], gaps: [], ...segment };
    },
  };
}

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const uint32 = fc.oneof(fc.nat(20), fc.constantFrom(0, UINT32));
const frames = fc.array(fc.record({ id: uint32, function: text, file: text, line: uint32, inlined: fc.boolean() }));
const stacks = fc.array(
  fc.record({ id: uint32, frames: fc.array(uint32, { maxLength: 64 }), truncated: fc.boolean() }),
);
const calls = fc.array(
  fc
    .record({
      pid: uint32,
      goid: fc.maxSafeNat(),
      tid: uint32,
      function: text,
      startNs: fc.nat(1e12),
      length: fc.nat(1e12),
      depth: fc.nat(0xffff),
      outcome: fc.constantFrom('returned' as const, 'unwound' as const, 'unfinished' as const, 'unknown' as const),
      arguments: text,
    })
    .map(({ length, ...rest }) => ({ ...rest, endNs: rest.startNs + length })),
);
const osRow = fc.record({
  dt: fc.oneof(fc.nat(5000), fc.constantFrom(UINT32, UINT32 + 1)),
  pid: uint32,
  tid: uint32,
  cpu: fc.nat(0xffff),
  state: fc.nat(6),
  syscall: fc.integer({ min: -1, max: 500 }),
});
const os = fc.array(osRow, { maxLength: 20 }).map((rows) => {
  let timeNs = 0;
  return rows.map(({ dt, ...rest }) => {
    timeNs += dt;
    return { ...rest, timeNs };
  });
});
const labels = fc
  .dictionary(text, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }), { maxKeys: 5 })
  .map((byKey) =>
    Object.keys(byKey)
      .sort()
      .map((key) => ({ key, value: byKey[key]! })),
  );

const manyProcesses = testFacts({ targets: [{ ...testFacts().targets[0]!, pid: 0 }] });

test('the trace of these tests comes back as it was written', async () => {
  expect(await allOf(openMemory(await writeTrace(detailedTrace())))).toEqual(await allOf(detailedTrace()));
});

test('any stacks, calls, schedules and labels come back as they were written', async () => {
  await fc.assert(
    fc.asyncProperty(frames, stacks, calls, os, fc.array(labels, { maxLength: 8 }), async (...[f, s, c, o, l]) => {
      const goroutines = l.map(
        (each, i): GoroutineInfo => ({
          pid: 1,
          goid: i + 1,
          firstSeenNs: 0,
          origin: 'relabelled',
          parentGoid: 0,
          startFunction: '',
          createdBy: '',
          ...(each.length === 0 ? {} : { labels: each }),
        }),
      );
      const source = sourceOf([{ frames: f, stacks: s, calls: c, osSchedule: osSchedule(o), goroutines }]);
      expect(await allOf(openMemory(await writeTrace(source, manyProcesses)))).toEqual(await allOf(source));
    }),
    { numRuns: 150 },
  );
});

test('tables that hold nothing are not written, nor is a column of no stacks', async () => {
  const names = unpack(await writeTrace(sourceOf([{ frames: [], calls: [], osSchedule: osSchedule([]) }]))).map(
    ({ name }) => name,
  );
  expect(names).toEqual(['gotape.pb', 'transitions/000000.arrow', 'summary.pb']);
});

describe('details that are too many for one table', () => {
  test('go into several segments, in their order', async () => {
    const many = Array.from({ length: 150_000 }, (_, i) => i);
    const source = sourceOf([
      {
        frames: [{ id: 1, function: 'f', file: '', line: 0, inlined: false }],
        stacks: many.map((i) => ({ id: i, frames: new Array<number>(20).fill(1), truncated: false })),
        osSchedule: osSchedule(many.map((timeNs) => ({ timeNs, tid: 1, state: 0 }))),
      },
    ]);
    const trace = openMemory(await writeTrace(source));
    const read = await allOf(trace);
    expect(read.stacks.map(({ id }) => id)).toEqual(many);
    expect(read.os.map(({ timeNs }) => timeNs)).toEqual(many);
    expect(trace.segmentCount).toBe(3);
    expect(trace.summary?.index).toHaveLength(3);
    expect(trace.damage).toEqual([]);
  });

  test('as labels of more than 64 keys are left out, and the goroutine says how many', async () => {
    const labelsOf = Array.from({ length: 70 }, (_, i) => ({ key: `k${i}`, value: 'v' }));
    const info = { pid: 1, goid: 1, firstSeenNs: 0, parentGoid: 0, startFunction: '', createdBy: '' };
    const goroutines = [{ ...info, origin: 'found' as const, labels: labelsOf }];
    const [read] = (await allOf(openMemory(await writeTrace(sourceOf([{ goroutines }]))))).goroutines;
    expect(read?.labels).toHaveLength(64);
    expect(read?.labels?.find(({ key }) => key === '…')?.value).toBe('7 not kept: this table has more than 64 keys');
  });
});

test('what was lost of calls is no loss of transitions', async () => {
  const trace = openMemory(await writeTrace(detailedTrace()));
  expect((await allOf(trace)).gaps.map(({ stream }) => stream)).toEqual([undefined, 'calls']);
  expect(trace.summary?.index.map(({ lost }) => lost)).toEqual([0, 3, 0]);
});

test('a slice of a schedule has the rows of its stretch', () => {
  const rows = [1, 2, 3].map((timeNs) => ({ timeNs, tid: 1, state: 0 }));
  expect([...sliceOsSchedule(osSchedule(rows), 1, 3).timeNs]).toEqual([2, 3]);
});
