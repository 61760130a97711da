import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_P } from '../../src/model/transition-batch.js';
import { ReasonList } from '../../src/trace/reason-list.js';
import { TransitionColumns } from '../../src/trace/transition-columns.js';
import { decodeTransitions, encodeTransitions } from '../../src/trace/transitions-table.js';
import { MutableBatch, type Row, type TextSegment, textTrace, traceOf } from '../support/text-trace.js';
import { readTrace, START_NS, smallTrace, testFacts, writeTrace } from './memory-file.js';

const UINT32 = 2 ** 32 - 1;
const int = (max: number) => fc.oneof(fc.integer({ min: 0, max }), fc.constantFrom(0, max));
const goid = fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constantFrom(2 ** 32, 2 ** 52 + 1), fc.maxSafeNat());
const reason = fc.oneof(fc.constantFrom('', 'chan receive', 'select'), fc.string({ unit: 'grapheme', maxLength: 30 }));

const row = fc.record({
  dt: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2000 }), fc.constantFrom(1e9, UINT32)),
  goid,
  tid: int(UINT32),
  cpu: int(0xffff),
  p: fc.constantFrom(0, 3, NO_P),
  from: int(255),
  to: int(255),
  reason,
  waker: goid,
  wakeSource: int(5),
});

const goroutine = fc.record({
  pid: int(UINT32),
  goid,
  firstSeenNs: fc.maxSafeNat(),
  origin: fc.constantFrom('created' as const, 'found' as const),
  parentGoid: goid,
  startFunction: fc.string({ unit: 'grapheme' }),
  createdBy: fc.string({ unit: 'grapheme' }),
});

const gap = fc
  .record({ fromNs: fc.nat(1e12), length: fc.nat(1e12), lost: fc.maxSafeNat(), why: fc.constantFrom('ring full', '') })
  .map(({ fromNs, length, lost, why }) => ({ fromNs, toNs: fromNs + length, lost, why }));

const segments = fc.array(
  fc.record({
    rows: fc.array(row, { maxLength: 60 }),
    goroutines: fc.array(goroutine, { maxLength: 5 }),
    gaps: fc.array(gap, { maxLength: 2 }),
  }),
  { maxLength: 5 },
);

function toText(list: ReturnType<typeof segments.generate>['value'], pid: number): TextSegment[] {
  let timeNs = 0;
  return list.map(({ rows, ...rest }) => ({
    ...rest,
    rows: rows.map(({ dt, ...fields }): Row => {
      timeNs += dt;
      return { ...fields, timeNs, pid, stack: 0 };
    }),
  }));
}

test('any transitions, goroutines and gaps come back as they were written', async () => {
  await fc.assert(
    fc.asyncProperty(segments, async (list) => {
      const text = toText(list, 1);
      const read = await readTrace(await writeTrace(traceOf(text, 1e15)));
      expect(read.damage).toEqual([]);
      expect(read.rows).toEqual(text.flatMap(({ rows }) => rows));
      expect(read.goroutines).toEqual(text.flatMap(({ goroutines }) => goroutines));
      expect(read.gaps).toEqual(text.flatMap(({ gaps }) => gaps));
      expect(read.summary?.index.map(({ rows }) => rows)).toEqual(text.map(({ rows }) => rows.length));
    }),
    { numRuns: 150 },
  );
});

test('a trace of several processes keeps the process of each row', async () => {
  const trace = textTrace('10 1 runnable running pid=7\n20 1 runnable running pid=4000000000\nend 30');
  const everyProcess = testFacts({ targets: [{ ...testFacts().targets[0]!, pid: 0 }] });
  const read = await readTrace(await writeTrace(trace, everyProcess));
  expect(read.rows.map(({ pid }) => pid)).toEqual([7, 4_000_000_000]);
});

test('a segment may have more reasons than a byte has values', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => `${i} 1 running waiting reason=reason_${i}`);
  const read = await readTrace(await writeTrace(textTrace(`${rows.join('\n')}\nend 1000`)));
  expect(new Set(read.rows.map((each) => each.reason)).size).toBe(1000);
  expect(read.rows[999]?.reason).toBe('reason 999');
});

test('header and summary come back as they were written', async () => {
  const facts = testFacts({
    producer: 'gotape 9',
    host: { hostname: 'h', kernel: '6.1', arch: 'x86_64', bootId: 'b', cpus: 3 },
    probes: [{ symbol: 's', attached: true, offset: 31, instruction: 'nop', emulated: true, why: '' }],
    invisible: ['one', 'two'],
    options: { bufferBytes: 2 ** 40, zstdLevel: 19, durationNs: 2 ** 50, maxBytes: 2 ** 53 - 1 },
    notes: ['ünï'],
  });
  const read = await readTrace(await writeTrace(textTrace('5 1 runnable running\nend 50'), facts));
  expect(read.facts).toEqual(facts);
  expect(read.summary).toMatchObject({
    transitions: 1,
    stopReason: 'test',
    end: { monotonicNs: String(START_NS + 50n) },
    index: [{ firstNs: 5, lastNs: 5, rows: 1, lost: 0 }],
  });
});

test('an empty recording is a whole trace', async () => {
  const read = await readTrace(await writeTrace(textTrace('end 5')));
  expect(read).toMatchObject({ rows: [], damage: [], endNs: 5 });
});

test.each([-1, 2 ** 32])('rows that are %d ns apart cannot stand in one segment', (delta) => {
  const batch = new MutableBatch(2);
  batch.timeNs[0] = 1e12;
  batch.timeNs[1] = 1e12 + delta;
  const encoding = { startMonotonicNs: 0n, reasons: [''], level: 1, withPid: false };
  expect(() => encodeTransitions(batch, encoding)).toThrow(RangeError);
});

test('the small trace of these tests is whole', async () => {
  const read = await readTrace(await smallTrace());
  expect(read).toMatchObject({ damage: [], segments: [0, 1, 2], endNs: 500 });
  expect(read.rows).toHaveLength(6);
});

test('a segment may have 1,048,576 rows of any content, and no more', async () => {
  const encoding = { startMonotonicNs: 0n, reasons: ['', 'select'], level: 1, withPid: true };
  const decoding = { startMonotonicNs: 0n, reasons: new ReasonList(), pid: 1 };
  const columns = new TransitionColumns();
  const most = new MutableBatch(2 ** 20);
  for (let i = 0; i < most.length; i++) {
    most.timeNs[i] = i * 1e6;
    most.goid[i] = Math.imul(i, 0x9e3779b1) * 2 ** 20;
    most.waker[i] = Math.imul(i, 0x85ebca6b) * 2 ** 20;
  }
  decodeTransitions(encodeTransitions(most, encoding), 't', decoding, columns);
  expect(columns.length).toBe(most.length);
  for (const name of ['timeNs', 'goid', 'waker'] as const)
    expect(Buffer.from(columns[name].buffer).equals(Buffer.from(most[name].buffer)), name).toBe(true);
  const tooMany = encodeTransitions(new MutableBatch(2 ** 20 + 1), encoding);
  expect(() => decodeTransitions(tooMany, 't', decoding, columns)).toThrow('claims 1048577 rows');
});
