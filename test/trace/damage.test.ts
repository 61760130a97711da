/** One thing is wrong in an otherwise sound file. Damage costs what is damaged, and is said. */
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import { TraceFile } from '../../src/trace/trace-file.js';
import { textTrace } from '../support/text-trace.js';
import { changeEntry, pack, readTrace, smallTrace, unpack, writeTrace } from './memory-file.js';

/** The archive with one byte inverted in the middle of an entry; its CRC is left as it was. */
function flipByte(archive: Uint8Array, name: string): Uint8Array {
  const entry = readArchive(bytesSource(archive)).entries.find((each) => each.name === name)!;
  const copy = Buffer.from(archive);
  const at = entry.offset + 30 + name.length + (entry.size >> 1);
  copy[at] = copy[at]! ^ 0xff;
  return copy;
}

test('a segment whose CRC is wrong is left out, and a gap stands in its place', async () => {
  const read = await readTrace(flipByte(await smallTrace(), 'transitions/000001.arrow'));
  expect(read.damage).toEqual([
    expect.stringMatching(/^segment 1 is left out: .*CRC-32 is [0-9a-f]{8}, the archive says/),
  ]);
  expect(read.rows).toHaveLength(5);
  expect(read.gaps).toContainEqual({ fromNs: 150, toNs: 300, lost: 1, why: 'damaged file' });
  expect(read.gaps).toContainEqual({ fromNs: 150, toNs: 200, lost: 3, why: 'ring full' });
});

test('segments are the same when they are read again', async () => {
  const source = bytesSource(flipByte(await smallTrace(), 'transitions/000001.arrow'));
  using trace = new TraceFile(source, readArchive(source));
  const passes: unknown[] = [];
  for (let pass = 0; pass < 2; pass++) {
    const segments: unknown[] = [];
    for await (const { index, goroutines, gaps, transitions } of trace.segments())
      segments.push({ index, goroutines, gaps, times: Array.from(transitions.timeNs.subarray(0, transitions.length)) });
    passes.push(segments);
  }
  expect(passes[1]).toEqual(passes[0]);
  expect(trace.damage).toHaveLength(1);
});

test('a last segment that is damaged is a gap to the end', async () => {
  const read = await readTrace(flipByte(await smallTrace(), 'transitions/000002.arrow'));
  expect(read.gaps.at(-1)).toEqual({ fromNs: 200, toNs: 500, lost: 3, why: 'damaged file' });
});

test('a table of goroutines that is damaged costs no transitions', async () => {
  const read = await readTrace(flipByte(await smallTrace(), 'goroutines/000000.arrow'));
  expect(read.damage).toEqual([expect.stringMatching(/^a table is left out: goroutines\/000000\.arrow: CRC/)]);
  expect(read.goroutines).toEqual([]);
  expect(read.rows).toHaveLength(6);
});

test('a damaged header is an error, a damaged summary is not', async () => {
  await expect(readTrace(flipByte(await smallTrace(), 'gotape.pb'))).rejects.toThrow('gotape.pb: CRC-32');
  const read = await readTrace(flipByte(await smallTrace(), 'summary.pb'));
  expect(read.summary).toBeUndefined();
  expect(read.rows).toHaveLength(6);
  expect(read.damage).toHaveLength(1);
});

test('zstd content that is wrong is found by its own checksum', async () => {
  const name = 'transitions/000000.arrow';
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  const rows = Array.from({ length: 2000 }, (_, i) => `${i * i} ${i % 7} runnable running`);
  const broken = changeEntry(await writeTrace(textTrace(rows.join('\n'))), name, (bytes) => {
    const copy = Buffer.from(bytes);
    const frame = copy.indexOf(magic, copy.indexOf(magic) + 100);
    copy[frame + 30] = copy[frame + 30]! ^ 0x40;
    return copy;
  });
  const read = await readTrace(broken);
  expect(read.damage).toEqual([expect.stringMatching(/^segment 0 is left out: .*zstd frame: damaged/)]);
});

test('of entries with the same name the first counts', async () => {
  const entries = unpack(await smallTrace());
  const other = entries.find(({ name }) => name === 'transitions/000002.arrow')!;
  const read = await readTrace(pack([...entries, { name: 'transitions/000001.arrow', bytes: other.bytes }]));
  expect(read.rows).toHaveLength(6);
  expect(read.damage).toEqual([]);
});

test('an entry with transitions missing leaves a gap, and keeps the rest of its segment', async () => {
  const entries = unpack(await smallTrace()).filter(({ name }) => name !== 'transitions/000001.arrow');
  const read = await readTrace(pack(entries));
  expect(read.damage).toEqual(['segment 1 is left out: it has no transitions']);
  expect(read.gaps).toContainEqual({ fromNs: 150, toNs: 200, lost: 3, why: 'ring full' });
});

test('deflated entries are read', async () => {
  const read = await readTrace(deflate(await smallTrace(), (bytes) => bytes.length));
  expect(read.rows).toHaveLength(6);
  expect(read.damage).toEqual([]);
});

test('a deflated entry that unpacks to more than it claims is refused', async () => {
  await expect(readTrace(deflate(await smallTrace(), () => 10))).rejects.toThrow('gotape.pb: cannot be unpacked');
});

/** The archive as another tool packs it. */
function deflate(archive: Uint8Array, claim: (bytes: Uint8Array) => number): Uint8Array {
  const packed = pack(unpack(archive).map(({ name, bytes }) => ({ name, bytes: deflateRawSync(bytes) })));
  const originals = readArchive(bytesSource(archive)).entries;
  const file = Buffer.from(packed);
  let at = file.readUInt32LE(file.length - 6);
  for (const original of originals) {
    file.writeUInt16LE(8, at + 10);
    file.writeUInt32LE(original.crc, at + 16);
    file.writeUInt32LE(claim(Buffer.alloc(original.size)), at + 24);
    at += 46 + original.name.length;
  }
  return file;
}

test('a table of contents whose entries share bytes is not believed', async () => {
  const archive = await smallTrace();
  const end = Buffer.from(archive.subarray(archive.length - 22));
  const directoryAt = end.readUInt32LE(16);
  const directory = Buffer.from(archive.subarray(directoryAt, archive.length - 22));
  const copies = Array.from({ length: 50 }, () => directory);
  end.writeUInt16LE(end.readUInt16LE(10) * 50, 10);
  end.writeUInt32LE(directory.length * 50, 12);
  const read = await readTrace(Buffer.concat([archive.subarray(0, directoryAt), ...copies, end]));
  expect(read.damage[0]).toContain('its entries claim');
  expect(read.rows).toHaveLength(6);
});

test('a table of contents beyond the end of the file is not believed', async () => {
  const archive = Buffer.from(await smallTrace());
  archive.writeUInt32LE(0x7fff_ffff, archive.length - 6);
  const read = await readTrace(archive);
  expect(read.rows).toHaveLength(6);
  expect(read.damage[0]).toContain('table of contents');
});

test('a thousand damaged segments make a hundred sentences', async () => {
  const [header] = unpack(await smallTrace());
  const segments = Array.from({ length: 1000 }, (_, i) => ({
    name: `transitions/${String(i).padStart(6, '0')}.arrow`,
    bytes: Buffer.from('x'),
  }));
  const read = await readTrace(pack([header!, ...segments]));
  expect(read.damage).toHaveLength(100);
});

test.each([
  ['gotape.pb', 1_100_000, 'expected 1048576 at most'],
  ['summary.pb', 70_000, 'expected 65728 at most'],
])('%s with hundreds of thousands of empty parts is refused', async (name, size, sentence) => {
  const emptyParts = Buffer.alloc(size, Uint8Array.of(0x42, 0));
  const file = changeEntry(await smallTrace(), name, (bytes) => Buffer.concat([bytes, emptyParts]));
  const answer = await readTrace(file).catch((error: unknown) => error);
  if (name === 'gotape.pb') expect(answer).toMatchObject({ message: expect.stringContaining(sentence) });
  else expect(answer).toMatchObject({ damage: [expect.stringContaining(sentence)], summary: undefined });
});
