/** Whatever is wrong with a file, its repair is sound, keeps what is intact byte for byte, and says what it lost. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { UserError } from '../../src/base/errors.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import { type RepairReport, repairTrace } from '../../src/trace/repair/repair-trace.js';
import { verifyTrace } from '../../src/trace/verify/verify-trace.js';
import { textTrace } from '../support/text-trace.js';
import { MemorySink, pack, readTrace, smallTrace, unpack, writeTrace } from './memory-file.js';
import { balanced } from './sound-trace.js';

const folder = mkdtempSync(join(tmpdir(), 'gotape-repair-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}.gotape.zip`, import.meta.url));
const small = async () => balanced(await smallTrace());

/** Repairs, and holds every repair to what all of them must be. */
function repair(bytes: Uint8Array): { report: RepairReport; file: Uint8Array } {
  const sink = new MemorySink();
  const report = repairTrace(bytesSource(bytes), sink);
  const file = sink.bytes;
  expect(verifyTrace(bytesSource(file)).problems).toEqual([]);
  return { report, file };
}

function inverted(archive: Uint8Array, name: string): Uint8Array {
  const entry = readArchive(bytesSource(archive)).entries.find((each) => each.name === name)!;
  const copy = Buffer.from(archive);
  copy[entry.offset + 30 + name.length + (entry.size >> 1)]! ^= 0xff;
  return copy;
}

/** Entries of the original that stand in the repaired file as they were. */
function sameEntries(original: Uint8Array, repaired: Uint8Array): string[] {
  const now = new Map(unpack(repaired).map(({ name, bytes }) => [name, Buffer.from(bytes).toString('base64')]));
  return unpackSound(original)
    .filter(({ name, bytes }) => now.get(name) === Buffer.from(bytes).toString('base64'))
    .map(({ name }) => name);
}

function unpackSound(archive: Uint8Array) {
  const { entries } = readArchive(bytesSource(archive));
  return entries.flatMap((entry) => {
    const start = entry.offset + 30 + Buffer.byteLength(entry.name);
    return [{ name: entry.name, bytes: archive.subarray(start, start + entry.size) }];
  });
}

test('of a sound file nothing is changed and nothing lost', async () => {
  const whole = await small();
  const { report, file } = repair(whole);
  expect(report).toMatchObject({ lost: [], entries: 7, kept: 7, transitions: 6 });
  expect(sameEntries(whole, file)).toHaveLength(7);
});

test('without its table of contents a file loses nothing', async () => {
  const whole = await small();
  const directoryAt = new DataView(whole.buffer, whole.byteOffset).getUint32(whole.length - 6, true);
  for (const cut of [directoryAt, directoryAt + 30, whole.length - 1]) {
    const { report, file } = repair(whole.subarray(0, cut));
    expect(report.lost).toEqual([]);
    expect(sameEntries(whole, file)).toHaveLength(7);
  }
});

test('unzip and zip find nothing wrong with a repaired recording', () => {
  const path = join(folder, 'repaired.gotape.zip');
  writeFileSync(path, repair(fixture('go1.27-cut-off')).file);
  expect(execFileSync('unzip', ['-t', path], { encoding: 'utf8' })).toContain('No errors detected');
  expect(execFileSync('zip', ['-T', path], { encoding: 'utf8' })).toMatch(/test of .* OK/);
});

test('a recording that was cut off keeps every entry before the cut, byte for byte, and says what is not known', () => {
  const torn = fixture('go1.27-cut-off');
  const { report, file } = repair(torn);
  expect(report.lost).toEqual([
    expect.stringMatching(/^\d+ bytes at \d+ are a torn entry/),
    expect.stringContaining('the summary: what was lost after the last row'),
  ]);
  expect(sameEntries(torn, file)).toEqual(expect.arrayContaining(['gotape.pb', 'transitions/000000.arrow']));
});

test('a repaired file tells that it was repaired', async () => {
  const { file } = repair(pack(unpack(await small()).filter(({ name }) => name !== 'summary.pb')));
  const { summary, damage } = await readTrace(file);
  expect(summary?.stopReason).toBe('repaired: the recorder did not finish the file');
  expect(summary?.repaired).toEqual([expect.stringContaining('the summary')]);
  expect(damage).toEqual([]);
  expect(verifyTrace(bytesSource(file)).repaired).toHaveLength(1);
  expect(repair(file).report.lost).toEqual([]);
});

test('where rows are missing a gap stands, with as many events as the summary knows', async () => {
  const { report, file } = repair(inverted(await small(), 'transitions/000001.arrow'));
  expect(report.lost).toEqual([expect.stringMatching(/^transitions\/000001\.arrow: CRC-32/)]);
  const read = await readTrace(file);
  expect(read.gaps).toEqual([
    { fromNs: 150, toNs: 200, lost: 3, why: 'ring full' },
    { fromNs: 150, toNs: 300, lost: 1, why: 'damaged file' },
  ]);
  expect(read.summary?.losses).toMatchObject({ hits: 9, submitted: 5, dropped: 4 });
  expect(read.rows).toHaveLength(5);
});

test('losses whose gaps are lost are said to lie anywhere', async () => {
  const { report, file } = repair(inverted(await small(), 'gaps/000001.arrow'));
  expect(report.lost).toContainEqual('when 3 of the lost events happened is not known');
  expect((await readTrace(file)).gaps).toContainEqual({ fromNs: 0, toNs: 400, lost: 3, why: 'damaged file' });
});

test('goroutines whose table is lost stay, without a name', async () => {
  const { file } = repair(inverted(await small(), 'goroutines/000000.arrow'));
  expect((await readTrace(file)).rows).toHaveLength(6);
  expect(verifyTrace(bytesSource(file)).counts.undefined).toBe(1);
});

test('attachments and entries of a later version are kept', async () => {
  const others = ['attachments/a.md', 'heaps/000000.arrow', 'new.pb'].map((name) => ({
    name,
    bytes: Buffer.from('x'),
  }));
  const { file } = repair(pack([...unpack(await small()).filter(({ name }) => name !== 'summary.pb'), ...others]));
  expect(unpack(file).map(({ name }) => name)).toEqual(expect.arrayContaining(others.map(({ name }) => name)));
  expect(unpack(file).at(-1)?.name).toBe('summary.pb');
});

test('behind a header that was overwritten the next entries are found again', async () => {
  const whole = await small();
  const { entries } = readArchive(bytesSource(whole));
  const second = entries.find(({ name }) => name === 'transitions/000000.arrow')!;
  const copy = Buffer.from(whole.subarray(0, whole.length - 30));
  copy.fill(0, second.offset, second.offset + 20);
  const { report, file } = repair(copy);
  expect(report.lost[0]).toMatch(/bytes at \d+ are a torn entry/);
  const read = await readTrace(file);
  expect(read.rows).toHaveLength(4);
  expect(read.gaps).toContainEqual({ fromNs: 0, toNs: 200, lost: 2, why: 'damaged file' });
});

test('the entries of a trace that is attached do not become those of the trace', async () => {
  const inner = {
    name: 'attachments/other.gotape.zip',
    bytes: await writeTrace(textTrace('5 9 dead runnable\nend 9')),
  };
  const whole = pack([...unpack(await small()).filter(({ name }) => name !== 'summary.pb'), inner]);
  const at = Buffer.from(whole).indexOf('attachments/');
  const torn = Buffer.from(whole.subarray(0, whole.length - 30));
  torn.fill(0, at - 30, at - 10);
  const { file } = repair(torn);
  expect((await readTrace(file)).rows.map(({ goid }) => goid)).toEqual([2, 2, 2, 2, 2, 2]);
});

test('a change of state that is missing without a gap gets one', async () => {
  const text = 'created 1 0 f\n5 1 runnable running\n100 1 waiting runnable\nend 900';
  const { report, file } = repair(balanced(await writeTrace(textTrace(text))));
  expect(report.lost).toEqual([expect.stringContaining('1 changes of state are missing')]);
  expect((await readTrace(file)).gaps).toEqual([{ fromNs: 5, toNs: 100, lost: 0, why: 'unexplained' }]);
});

test('a file without a header is refused with a sentence', async () => {
  const entries = unpack(await small());
  const cases = [Buffer.alloc(0), Buffer.from('text'), pack(entries.slice(1)), inverted(await small(), 'gotape.pb')];
  for (const bytes of cases) expect(() => repairTrace(bytesSource(bytes), new MemorySink())).toThrow(UserError);
});

test('a file that is cut anywhere is repaired or refused', async () => {
  const whole = await small();
  for (let cut = 0; cut < whole.length; cut += cut < 700 ? 1 : 7) {
    const bytes = whole.subarray(0, cut);
    try {
      repair(bytes);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }
});

test('a file with any bytes changed, CRCs set right or not, is repaired or refused', async () => {
  const whole = fixture('go1.26-lost');
  const entries = unpack(whole);
  const change = fc.record({ at: fc.nat(whole.length), value: fc.nat(255) });
  const changes = fc.array(change, { minLength: 1, maxLength: 5 });
  const mutated = (bytes: Uint8Array, list: readonly { at: number; value: number }[]) => {
    const copy = Buffer.from(bytes);
    for (const { at, value } of list) copy[at % copy.length] = value;
    return copy;
  };
  fc.assert(
    fc.property(fc.nat(entries.length), changes, (which, list) => {
      const mutant =
        which === entries.length
          ? mutated(whole, list)
          : pack(entries.map(({ name, bytes }, i) => ({ name, bytes: i === which ? mutated(bytes, list) : bytes })));
      try {
        repair(mutant);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    { numRuns: 1500 },
  );
});
