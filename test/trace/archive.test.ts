/** Our archives, read by others; and those that are too large for plain ZIP. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ByteSource, checkRange } from '../../src/base/byte-source.js';
import { readArchive, readEntry } from '../../src/trace/archive-reader.js';
import { ArchiveWriter } from '../../src/trace/archive-writer.js';
import { MemorySink, smallTrace } from './memory-file.js';

const folder = mkdtempSync(join(tmpdir(), 'gotape-archive-'));
afterAll(() => rmSync(folder, { recursive: true }));

function keep(bytes: Uint8Array): string {
  const path = join(folder, 'trace.gotape.zip');
  writeFileSync(path, bytes);
  return path;
}

const PYTHON_LIST = `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
print(z.testzip(), len(z.namelist()), sorted({i.compress_type for i in z.infolist()}), z.namelist()[0], z.namelist()[-1])`;
const pythonList = (path: string) => execFileSync('python3', ['-c', PYTHON_LIST, path], { encoding: 'utf8' }).trim();

test('unzip and Python find every entry sound and stored, header first, summary last', async () => {
  const path = keep(await smallTrace());
  expect(execFileSync('unzip', ['-t', path], { encoding: 'utf8' })).toContain('No errors detected');
  expect(pythonList(path)).toBe('None 7 [0] gotape.pb summary.pb');
});

test('more than 65,535 entries', () => {
  const sink = new MemorySink();
  const writer = new ArchiveWriter(sink);
  for (let i = 0; i < 70_000; i++) writer.add([`é/${i}`, Uint8Array.of(i & 255)]);
  writer.finish();
  const path = keep(sink.bytes);
  expect(pythonList(path)).toBe('None 70000 [0] é/0 é/69999');
  const { entries, damage } = readArchive(bytesOf(sink));
  expect(damage).toEqual([]);
  expect(entries).toHaveLength(70_000);
  expect(readEntry(bytesOf(sink), entries[69_999]!)).toEqual(Buffer.of(69_999 & 255));
});

test('entries beyond 4 GiB', () => {
  const chunks = new ChunkList();
  const writer = new ArchiveWriter(chunks);
  const large = new Uint8Array(60 * 1024 * 1024).fill(7);
  for (let i = 0; i < 70; i++) writer.add([`large/${i}`, large]);
  writer.add(['last', Buffer.from('here')]);
  writer.finish();
  expect(chunks.size).toBeGreaterThan(2 ** 32);
  const { entries, damage } = readArchive(chunks);
  expect(damage).toEqual([]);
  expect(entries).toHaveLength(71);
  expect(Buffer.from(readEntry(chunks, entries[70]!)).toString()).toBe('here');
});

function bytesOf(sink: MemorySink): ByteSource {
  const { bytes } = sink;
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** A file that holds large pieces by reference: 4 GiB of them take the memory of one. */
class ChunkList implements ByteSource {
  readonly #chunks: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  size = 0;

  write(bytes: Uint8Array): void {
    this.#chunks.push({ at: this.size, bytes });
    this.size += bytes.length;
  }

  truncate(): void {
    throw new Error('not expected');
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(offset, length, this.size);
    const into = new Uint8Array(length);
    for (const { at, bytes } of this.#chunks) {
      const from = Math.max(offset, at);
      const to = Math.min(offset + length, at + bytes.length);
      if (from < to) into.set(bytes.subarray(from - at, to - at), from - offset);
    }
    return into;
  }
}
