import { expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { UserError } from '../../src/base/errors.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import { pack, readTrace, smallTrace, unpack } from './memory-file.js';

const LOCAL_HEADER_BYTES = 30;

test('a file cut at any byte is refused with a sentence, or keeps every entry before the cut', async () => {
  const whole = await smallTrace();
  const { entries } = readArchive(bytesSource(whole));
  const ends = entries.map(({ offset, size, name }) => offset + LOCAL_HEADER_BYTES + name.length + size);
  const rowsUntil = await rowsByEntries(whole);
  for (const cut of cutPoints(whole.length, ends)) {
    const kept = ends.filter((end) => end <= cut).length;
    const read = await readTrace(whole.subarray(0, cut)).catch((error: unknown) => error);
    if (kept === 0) expect(read, `cut at ${cut}`).toBeInstanceOf(UserError);
    else {
      expect(read, `cut at ${cut}`).toMatchObject({ rows: rowsUntil[kept] });
      expect(read).toHaveProperty('damage.length');
      expect((read as { damage: string[] }).damage[0]).toMatch(/^the file was cut off/);
    }
  }
});

/** Every byte near a boundary between entries, one in eleven elsewhere. */
function cutPoints(length: number, boundaries: readonly number[]): number[] {
  const isNear = (cut: number) => cut < 60 || boundaries.some((boundary) => Math.abs(cut - boundary) < 60);
  return Array.from({ length }, (_, cut) => cut).filter((cut) => isNear(cut) || cut % 11 === 0);
}

/** Rows that the first n entries hold. */
async function rowsByEntries(whole: Uint8Array): Promise<unknown[]> {
  const entries = unpack(whole);
  const rows: unknown[] = [[]];
  for (let n = 1; n <= entries.length; n++) rows.push((await readTrace(pack(entries.slice(0, n)))).rows);
  return rows;
}

test('without its summary a file says so, and ends with its last row', async () => {
  const entries = unpack(await smallTrace()).filter(({ name }) => name !== 'summary.pb');
  const read = await readTrace(pack(entries));
  expect(read.rows).toHaveLength(6);
  expect(read.endNs).toBe(400);
  expect(read.damage).toEqual([expect.stringContaining('has no summary')]);
});

test('without its table of contents a file has every entry, and nothing is called torn', async () => {
  const whole = await smallTrace();
  const end = whole.length - 22;
  const directoryAt = new DataView(whole.buffer, whole.byteOffset).getUint32(end + 16, true);
  for (const cut of [directoryAt, directoryAt + 10, end]) {
    const read = await readTrace(whole.subarray(0, cut));
    expect(read.rows).toHaveLength(6);
    expect(read.summary).toBeDefined();
    expect(read.damage).toEqual([expect.stringContaining('table of contents')]);
    expect(read.damage[0]).not.toContain('torn');
  }
});

test('bytes behind the archive change nothing but that the table of contents is not found', async () => {
  const read = await readTrace(Buffer.concat([await smallTrace(), Buffer.alloc(100_000)]));
  expect(read.rows).toHaveLength(6);
});

test.each([
  ['nothing', Buffer.alloc(0), 'is empty'],
  ['text', Buffer.from('hello, world'), 'does not begin like a ZIP'],
  ['three bytes', Buffer.from('PK\u0003'), 'does not begin like a ZIP'],
  ['another archive', pack([{ name: 'a.txt', bytes: Buffer.from('a') }]), 'has no entry gotape.pb'],
])('%s is no trace', async (_what, bytes, sentence) => {
  await expect(readTrace(bytes)).rejects.toThrow(sentence);
  await expect(readTrace(bytes)).rejects.toBeInstanceOf(UserError);
});
