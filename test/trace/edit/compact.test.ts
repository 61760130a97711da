import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../../src/base/byte-source.js';
import { int64Column, stringColumn } from '../../../src/trace/arrow-columns.js';
import { encodeTable } from '../../../src/trace/arrow-file.js';
import { digestDifferences, digestTrace } from '../../../src/trace/edit/trace-digest.js';
import { verifyTrace } from '../../../src/trace/verify/verify-trace.js';
import { type Row, textTrace, traceOf } from '../../support/text-trace.js';
import { changeEntry, pack, readTrace, smallTrace, unpack, writeTrace } from '../memory-file.js';
import { compacted, openMemory } from './open-memory.js';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/${name}.gotape.zip`, import.meta.url));
const names = (bytes: Uint8Array) => unpack(bytes).map(({ name }) => name);

const REASONS = ['', 'chan receive', 'select', 'sleep'];
const row = fc.record({
  dt: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constantFrom(0, 2 ** 32 - 1)),
  goid: fc.oneof(fc.nat(9), fc.maxSafeNat()),
  tid: fc.nat(0xffff_ffff),
  cpu: fc.nat(0xffff),
  p: fc.constantFrom(0, 3, 0xffff),
  from: fc.nat(255),
  to: fc.nat(255),
  reason: fc.constantFrom(...REASONS),
  waker: fc.nat(99),
  wakeSource: fc.nat(5),
});
const segment = fc.record({
  rows: fc.array(row, { maxLength: 40 }),
  /** Since the last row of the segment before: more than a `dt` can hold. */
  silence: fc.constantFrom(0, 1, 2 ** 32 + 5, 1e12),
  lost: fc.nat(3),
});

function traceFrom(list: readonly (typeof segment extends fc.Arbitrary<infer T> ? T : never)[]) {
  let timeNs = 0;
  const segments = list.map(({ rows, silence, lost }, index) => {
    timeNs += silence;
    const text = rows.map(({ dt, ...rest }, i): Row => {
      timeNs += i === 0 ? 0 : dt;
      return { ...rest, timeNs, pid: 1, stack: 0 };
    });
    const gap = { fromNs: timeNs, toNs: timeNs + 1, lost, why: 'ring full' };
    const info = {
      pid: 1,
      goid: index,
      firstSeenNs: timeNs,
      origin: 'created' as const,
      parentGoid: 0,
      startFunction: `main.f${index}`,
      createdBy: '',
    };
    return { rows: text, goroutines: [info], gaps: lost > 0 ? [gap] : [] };
  });
  return writeTrace(traceOf(segments, timeNs + 1));
}

describe('a compacted trace', () => {
  test('says the same, whatever the sizes of segments and the silence between them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 8 }), fc.integer({ min: 1, max: 100 }), async (list, size) => {
        const before = await traceFrom(list);
        const after = await compacted(before, size);
        const [a, b] = [await readTrace(before), await readTrace(after)];
        expect(b.rows).toEqual(a.rows);
        expect(b.goroutines).toEqual(a.goroutines);
        expect(b.gaps).toEqual(a.gaps);
        expect({ ...b.summary, index: [] }).toEqual({ ...a.summary, index: [] });
        expect(b.damage).toEqual([]);
        expect(digestDifferences(await digestTrace(openMemory(before)), await digestTrace(openMemory(after)))).toEqual(
          [],
        );
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    'go1.19-known',
    'go1.26-lost',
    'go1.26-details',
    'go1.26-tsc',
    'go1.27-known',
  ])('of the recording %s is the same, and smaller', async (name) => {
    const before = fixture(name);
    const after = await compacted(before);
    expect(digestDifferences(await digestTrace(openMemory(before)), await digestTrace(openMemory(after)))).toEqual([]);
    expect(after.length).toBeLessThan(before.length);
    expect(verifyTrace(bytesSource(after)).problems).toEqual([]);
    expect(names(after).filter((entry) => entry.startsWith('transitions/'))).toHaveLength(1);
  });

  test('of a trace whose time goes back from segment to segment is the same', async () => {
    const text = '500 1 runnable running\nsegment\n100 1 running runnable\nsegment\n600 1 runnable running\nend 700';
    const before = await writeTrace(textTrace(text));
    const after = await compacted(before);
    expect(digestDifferences(await digestTrace(openMemory(before)), await digestTrace(openMemory(after)))).toEqual([]);
  });

  test('keeps the header byte for byte, attachments, and entries of a later version', async () => {
    const extra = [
      { name: 'attachments/note.md', bytes: Buffer.from('hello') },
      { name: 'later.pb', bytes: Buffer.from([1, 2, 3]) },
    ];
    const before = unpack(await smallTrace());
    const after = unpack(await compacted(pack([...before, ...extra])));
    expect(after[0]).toEqual(before[0]);
    expect(after.slice(-3, -1)).toEqual(extra);
    expect(after.at(-1)?.name).toBe('summary.pb');
  });
});

describe('compaction refuses', () => {
  test('a file that was cut off', async () => {
    await expect(compacted(fixture('go1.27-cut-off'))).rejects.toThrow(/cut off.*gotape repair/);
  });

  test('a table that it would lose', async () => {
    const later = [...unpack(await smallTrace()), { name: 'heaps/000000.arrow', bytes: new Uint8Array(8) }];
    await expect(compacted(pack(later))).rejects.toThrow('table heaps');
  });

  test('a column that it would lose', async () => {
    const one = (name: string) => int64Column(name, [1]);
    const columns = [one('from_ns'), one('to_ns'), one('lost'), stringColumn('why', ['ring full']), one('mood')];
    const later = changeEntry(await smallTrace(), 'gaps/000001.arrow', () => encodeTable(columns, 1, new Map(), 1));
    await expect(compacted(later)).rejects.toThrow('column mood of gaps');
  });
});

describe('a digest', () => {
  test('tells one changed value', async () => {
    const rows = (cpu: number): Row[] => [
      { timeNs: 1, goid: 1, pid: 1, tid: 1, cpu, p: 1, from: 1, to: 2, reason: '', waker: 0, wakeSource: 0, stack: 0 },
    ];
    const digests = await Promise.all(
      [1, 2].map(async (cpu) => {
        const bytes = await writeTrace(traceOf([{ rows: rows(cpu), goroutines: [], gaps: [] }], 5));
        return digestTrace(openMemory(bytes));
      }),
    );
    expect(digestDifferences(digests[0]!, digests[1]!)).toEqual(['transitions.cpu']);
  });
});
