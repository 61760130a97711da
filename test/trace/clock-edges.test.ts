/** Clocks at their edges: nothing that a kernel's clock may say loses a nanosecond or breaks a file. */
import { expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { RowBuffer } from '../../src/capture/row-buffer.js';
import { verifyTrace } from '../../src/trace/verify/verify-trace.js';
import { textTrace } from '../support/text-trace.js';
import { MemorySink, readTrace, testFacts, writeTrace } from './memory-file.js';
import { balanced } from './sound-trace.js';

const times = async (file: Uint8Array) => (await readTrace(file)).rows.map(({ timeNs }) => timeNs);
const problems = (file: Uint8Array) => verifyTrace(bytesSource(balanced(file))).problems;

test('rows of the same time keep their order, within a segment and across its border', async () => {
  const file = await writeTrace(
    textTrace(
      'created 1 0 f\n5 1 runnable running\n5 1 running waiting\nsegment\n5 1 waiting runnable\n5 1 runnable running\nend 5',
    ),
  );
  expect(await times(file)).toEqual([5, 5, 5, 5]);
  expect((await readTrace(file)).rows.map(({ to }) => to)).toEqual([2, 4, 1, 2]);
  expect(problems(file)).toEqual([]);
});

test.each([
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 60n + 3n,
  2n ** 63n + 1n,
])('a clock that stands at %d ns loses none', async (clock) => {
  const facts = testFacts({ start: { monotonicNs: String(clock), boottimeNs: '1', realtimeNs: '1' } });
  const source = textTrace('created 1 0 f\n1 1 runnable running\n2 1 running waiting\n4 1 waiting runnable\nend 9');
  const file = await writeTrace(source, facts, new MemorySink());
  expect(await times(file)).toEqual([1, 2, 4]);
});

test('segments may lie more than 4.29 s apart, and days', async () => {
  const file = await writeTrace(
    textTrace(
      'created 1 0 f\n0 1 runnable running\nsegment\n4294967296 1 running waiting\nsegment\n864000000000001 1 waiting runnable\nend 864000000000002',
    ),
  );
  expect(await times(file)).toEqual([0, 4_294_967_296, 864_000_000_000_001]);
  expect(problems(file)).toEqual([]);
});

test('the longest distance that two rows of a segment may have is 4.29 s', async () => {
  const file = await writeTrace(
    textTrace('created 1 0 f\n0 1 runnable running\n4294967295 1 running waiting\nend 4294967295'),
  );
  expect(await times(file)).toEqual([0, 4_294_967_295]);
});

test('the recorder ends a segment before a row that comes a second after its first', () => {
  const rows = new RowBuffer();
  rows.open(10);
  expect(rows.isDue(999_999_999)).toBe(false);
  expect(rows.isDue(10 + 1e9)).toBe(true);
  expect(rows.isDue(1e15)).toBe(true);
});

test('an event that was overtaken goes back to its place, behind those of the same time', () => {
  const rows = new RowBuffer();
  for (const timeNs of [10, 20, 30]) rows.goid[rows.open(timeNs)] = timeNs;
  rows.goid[rows.open(20)] = 21;
  rows.goid[rows.open(5)] = 5;
  expect([...rows.goid.subarray(0, rows.length)]).toEqual([5, 10, 20, 21, 30]);
  expect([...rows.timeNs.subarray(0, rows.length)]).toEqual([5, 10, 20, 20, 30]);
});
