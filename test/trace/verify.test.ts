/** Sound files are found sound; one thing that is wrong is one problem that says where. */
import { readdirSync, readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import type { TraceSummary } from '../../src/model/trace-facts.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import { encodeGaps, encodeGoroutines } from '../../src/trace/small-tables.js';
import { decodeSummary, encodeSummary } from '../../src/trace/trace-header.js';
import { type VerifyReport, verifyTrace } from '../../src/trace/verify/verify-trace.js';
import { textTrace } from '../support/text-trace.js';
import { changeEntry, type Entry, pack, smallTrace, unpack, writeTrace } from './memory-file.js';
import { balanced } from './sound-trace.js';

const fixtures = new URL('../../fixtures/', import.meta.url);
const wholeFixtures = readdirSync(fixtures).filter(
  (name) => name.endsWith('.gotape.zip') && !/cut-off|newer-major/.test(name),
);

const verify = (bytes: Uint8Array): VerifyReport => verifyTrace(bytesSource(bytes));
const sentences = ({ problems }: VerifyReport) =>
  problems.map(({ entry, row, found, expected }) => `${entry}[${row ?? ''}] ${found} | ${expected}`);

function withSummary(file: Uint8Array, change: (summary: TraceSummary) => TraceSummary): Uint8Array {
  return changeEntry(file, 'summary.pb', (bytes) => encodeSummary(change(decodeSummary(bytes))));
}

const small = async () => balanced(await smallTrace());
const written = async (text: string) => balanced(await writeTrace(textTrace(text)));

test.each(wholeFixtures)('%s is sound', (name) => {
  const report = verify(readFileSync(new URL(name, fixtures)));
  expect(sentences(report)).toEqual([]);
  expect(report.counts.transitions).toBeGreaterThan(0);
  expect(report.counts.illegal).toBe(0);
});

test('a trace with losses that are all located is sound, and says so', () => {
  const { counts } = verify(readFileSync(new URL('go1.26-lost.gotape.zip', fixtures)));
  expect(counts.lost).toBeGreaterThan(1000);
  expect(counts.excused).toBeGreaterThan(0);
});

test('a file that was cut off is not', () => {
  const report = verify(readFileSync(new URL('go1.27-cut-off.gotape.zip', fixtures)));
  expect(report.problemCounts).toEqual({ archive: 1, summary: 1 });
});

test('a small trace is sound', async () => {
  expect(sentences(verify(await small()))).toEqual([]);
});

test('a byte that changed is found in any entry, attachments and those of later versions included', async () => {
  const others = [
    { name: 'attachments/note.md', bytes: Buffer.from('a note about this') },
    { name: 'heaps/000000.arrow', bytes: Buffer.from('a table of a later version') },
  ];
  const whole = pack([...unpack(await small()), ...others]);
  expect(sentences(verify(whole))).toEqual([]);
  for (const { name, size, offset } of readArchive(bytesSource(whole)).entries) {
    if (name === 'gotape.pb') continue;
    const copy = Buffer.from(whole);
    copy[offset + 30 + name.length + (size >> 1)]! ^= 0x10;
    expect(
      sentences(verify(copy)).filter((line) => line.startsWith(name)),
      name,
    ).toEqual([expect.stringMatching(/CRC-32 is [0-9a-f]{8}, the archive says/)]);
  }
});

test('a packed copy, deflated, in another order, is sound', async () => {
  const entries = unpack(await small()).toReversed();
  const packed = Buffer.from(pack(entries.map(({ name, bytes }) => ({ name, bytes: deflateRawSync(bytes) }))));
  let at = packed.readUInt32LE(packed.length - 6);
  for (const { name, bytes } of entries) {
    const crc = packed.readUInt32LE(at + 16);
    const local = packed.readUInt32LE(at + 42);
    const own = readArchive(bytesSource(pack([{ name, bytes }]))).entries[0]!.crc;
    expect(crc).not.toBe(own);
    for (const [method, sum, size] of [
      [at + 10, at + 16, at + 24],
      [local + 8, local + 14, local + 22],
    ] as const) {
      packed.writeUInt16LE(8, method);
      packed.writeUInt32LE(own, sum);
      packed.writeUInt32LE(bytes.length, size);
    }
    at += 46 + name.length;
  }
  expect(sentences(verify(packed))).toEqual([]);
});

test('bytes that no entry has are found, and names that two have', async () => {
  const whole = await small();
  const directoryAt = new DataView(whole.buffer, whole.byteOffset).getUint32(whole.length - 6, true);
  const hidden = Buffer.concat([whole.subarray(0, directoryAt), Buffer.from('hidden'), whole.subarray(directoryAt)]);
  hidden.writeUInt32LE(directoryAt + 6, hidden.length - 6);
  expect(sentences(verify(hidden))).toEqual([expect.stringContaining('bytes of no entry')]);
  const twice = pack([...unpack(whole), { name: 'gaps/000001.arrow', bytes: Buffer.from('x') }]);
  expect(sentences(verify(twice))).toContainEqual(
    expect.stringMatching(/^gaps\/000001.*a name that another entry has/),
  );
});

test('a local header that says otherwise than the table of contents is found', async () => {
  const whole = Buffer.from(await small());
  const { offset } = readArchive(bytesSource(whole)).entries[2]!;
  whole[offset + 14]! ^= 1;
  expect(sentences(verify(whole))).toEqual([expect.stringContaining('another CRC in the local header')]);
});

test.each<[string, (summary: TraceSummary) => TraceSummary, RegExp]>([
  ['transitions', (s) => ({ ...s, transitions: 7 }), /7 transitions \| 6, which the tables hold/],
  ['goroutines', (s) => ({ ...s, goroutines: 9 }), /9 goroutines \| 1/],
  ['segments', (s) => ({ ...s, index: s.index.slice(1) }), /2 segments \| 3/],
  [
    'a segment',
    (s) => ({ ...s, index: s.index.with(1, { ...s.index[1]!, rows: 5 }) }),
    /^summary.pb\[1\] 5 rows from 200/,
  ],
  ['hits', (s) => ({ ...s, losses: { ...s.losses, hits: 1 } }), /hits \+ paired = 1 \| 9 = submitted/],
  [
    'losses',
    (s) => ({ ...s, losses: { ...s.losses, hits: 8, dropped: 2 } }),
    /dropped \+ faulted = 2 \| 3 = events lost/,
  ],
  ['the end', (s) => ({ ...s, end: { ...s.end, monotonicNs: '5' } }), /an end -\d+ ns after the start/],
])('a summary that is wrong about %s is found', async (_what, change, line) => {
  const lines = sentences(verify(withSummary(await small(), change)));
  expect(lines).toContainEqual(expect.stringMatching(line));
});

test('time that goes back from segment to segment is found, with row and entry', async () => {
  const [header, ...rest] = unpack(
    await written('created 1 0 f\n900 1 runnable running\nsegment\n5 1 running waiting\nend 950'),
  );
  const report = verify(pack([header!, ...rest]));
  expect(sentences(report)).toContainEqual(
    'transitions/000001.arrow[0] 5 ns | 900 ns at least, where the segment before ends',
  );
});

test('rows behind the end of the recording are found', async () => {
  const lines = sentences(verify(await written('created 1 0 f\n90000000 1 runnable running\nend 5')));
  expect(lines).toContainEqual(expect.stringContaining('the end of the recording at most'));
});

test('a goroutine that no table defines is found; one without an id is counted', async () => {
  const report = verify(
    await written('created 1 0 f\n5 1 runnable running\n6 7 dead runnable\n7 0 dead runnable\nend 9'),
  );
  expect(sentences(report)).toEqual(['transitions/000000.arrow[] goroutine 7 | a row for it in a table of goroutines']);
  expect(report.counts).toMatchObject({ anonymous: 1, undefined: 1, goroutines: 2 });
});

const broken = '5 1 runnable running\n100 1 waiting runnable\nend 900';

test('a change of state that is missing is found where no gap is', async () => {
  expect(sentences(verify(await written(`created 1 0 f\n${broken}`)))).toEqual([
    'transitions/000000.arrow[1] goroutine 1 from waiting | from running, where its last row left it',
  ]);
});

test.each([
  'gap 50 60 1',
  'gap 0 5 1',
  'gap 100 100 1',
  'gap 0 800 1',
])('but not where there is one: %s', async (gap) => {
  const report = verify(await written(`created 1 0 f\n${gap}\n${broken}`));
  expect(sentences(report)).toEqual([]);
  expect(report.counts.excused).toBe(1);
});

test('a gap may stand in a later segment than what it explains', async () => {
  const text = `created 1 0 f\n5 1 runnable running\n100 1 waiting runnable\nsegment\ngap 50 60 1\n`;
  expect(sentences(verify(await written(`${text}200 1 runnable running\nend 900`)))).toEqual([]);
});

test.each(['gap 0 4 1', 'gap 101 900 1'])('a gap elsewhere explains nothing: %s', async (gap) => {
  expect(verify(await written(`created 1 0 f\n${gap}\n${broken}`)).problemCounts).toEqual({ state: 1 });
});

test('changes of state that no Go release makes are counted, not called damage', async () => {
  const report = verify(await written('created 1 0 f\n5 1 dead running\n6 1 running idle\nend 9'));
  expect(report.counts.illegal).toBe(2);
  expect(report.problems).toEqual([]);
});

test('gaps and goroutines that make no sense are found, with their rows', async () => {
  const gaps = [
    { fromNs: 10, toNs: 5, lost: 3, why: '' },
    { fromNs: 0, toNs: 2 ** 51, lost: -1, why: '' },
  ];
  const info = { pid: 1, parentGoid: 99, origin: 'created', startFunction: '', createdBy: '' } as const;
  const goroutines = [
    { ...info, goid: 2, firstSeenNs: -4 },
    { ...info, goid: 0, firstSeenNs: 4 },
  ];
  let file = changeEntry(await small(), 'gaps/000001.arrow', () => encodeGaps(gaps, 1));
  file = changeEntry(file, 'goroutines/000000.arrow', () => encodeGoroutines(goroutines, 1));
  const lines = sentences(verify(file)).join('\n');
  expect(lines).toContain('gaps/000001.arrow[0] a gap from 10 to 5 ns');
  expect(lines).toContain('gaps/000001.arrow[1] a gap from 0 to 2251799813685248 ns');
  expect(lines).toContain('gaps/000001.arrow[1] -1 events lost');
  expect(lines).toContain('goroutines/000000.arrow[0] first seen at -4 ns');
  expect(lines).toContain('goroutines/000000.arrow[1] goroutine 0');
});

test('a segment without transitions is a problem; one without rows is none', async () => {
  const entries = unpack(await small());
  const without = (name: string) => pack(entries.filter((entry: Entry) => entry.name !== name));
  expect(sentences(verify(without('transitions/000001.arrow')))).toContainEqual(
    expect.stringMatching(/^segment 1\[\] no transitions/),
  );
  expect(sentences(verify(await written('created 1 0 f\n5 1 runnable running\nsegment\ngap 5 6 2\nend 9')))).toEqual(
    [],
  );
});

test('of a thousand problems of a kind ten are told, and all are counted', async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => `${i} 1 running waiting`).join('\n');
  const report = verify(await written(`created 1 0 f\n${rows}\nend 1000`));
  expect(report.problems).toHaveLength(10);
  expect(report.problemCounts).toEqual({ state: 999 });
});

test('no control character of the file is in a problem', async () => {
  const evil = { name: 'attachments/\u001b[2J\u202eevil', bytes: Buffer.from('x') };
  const file = pack([...unpack(await small()), evil, evil]);
  expect(sentences(verify(file))).toHaveLength(1);
  expect(JSON.stringify(verify(file).problems)).not.toMatch(/\\u001b|\u202e/);
});
