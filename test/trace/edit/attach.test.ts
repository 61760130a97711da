import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../../src/base/byte-source.js';
import { attachFiles, attachmentName, type NewAttachment } from '../../../src/trace/edit/attach-files.js';
import { verifyTrace } from '../../../src/trace/verify/verify-trace.js';
import { MemorySink, pack, readTrace, smallTrace, unpack } from '../memory-file.js';
import { compacted, openMemory, redacted } from './open-memory.js';

const note = (path: string, text = 'hello'): NewAttachment => ({ path, bytes: Buffer.from(text) });
const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/${name}.gotape.zip`, import.meta.url));

function attach(trace: Uint8Array, ...files: NewAttachment[]): Uint8Array {
  const sink = new MemorySink();
  attachFiles(openMemory(trace), sink, files);
  return sink.bytes;
}

describe('attaching', () => {
  test('adds entries in front of the summary and changes no other', async () => {
    const before = await smallTrace();
    const after = unpack(attach(before, note('/home/me/note.md'), note('top.txt', '')));
    const added = after.filter(({ name }) => name.startsWith('attachments/'));
    expect(added.map(({ name }) => name)).toEqual(['attachments/note.md', 'attachments/top.txt']);
    expect(added[0]!.bytes).toEqual(Buffer.from('hello'));
    expect(after.filter((entry) => !added.includes(entry))).toEqual(unpack(before));
    expect(after.at(-1)!.name).toBe('summary.pb');
    const bytes = attach(fixture('go1.24-known'), note('/home/me/note.md'));
    expect(verifyTrace(bytesSource(bytes)).problems).toEqual([]);
  });

  test('numbers names that are there, also those that differ in case only', async () => {
    const once = attach(await smallTrace(), note('note.md'), note('note.md'), note('a'));
    const twice = unpack(attach(once, note('NOTE.md'), note('a'), note('x.tar.gz'), note('x.tar.gz')));
    expect(twice.map(({ name }) => name).filter((name) => name.startsWith('attachments/'))).toEqual([
      'attachments/note.md',
      'attachments/note-2.md',
      'attachments/a',
      'attachments/NOTE-3.md',
      'attachments/a-2',
      'attachments/x.tar.gz',
      'attachments/x.tar-2.gz',
    ]);
  });

  test('survives compaction, and is left out by redaction unless it is kept', async () => {
    const bytes = attach(await smallTrace(), note('note.md'));
    const names = (archive: Uint8Array) => unpack(archive).map(({ name }) => name);
    expect(names(await compacted(bytes))).toContain('attachments/note.md');
    expect(names(await redacted(bytes))).not.toContain('attachments/note.md');
    expect(names(await redacted(bytes, { keepAttachments: true }))).toContain('attachments/note.md');
  });

  test('refuses a file that was cut off, and one that is damaged', async () => {
    expect(() => attach(fixture('go1.27-cut-off'), note('a.md'))).toThrow(/cut off.*gotape repair/);
    const bytes = Buffer.from(await smallTrace());
    bytes[bytes.indexOf('ARROW1') + 20]! ^= 1;
    expect(() => attach(bytes, note('a.md'))).toThrow(/CRC-32/);
  });

  test('takes the first of two entries of one name, as readers do', async () => {
    const entries = unpack(await smallTrace());
    const twice = pack([...entries.slice(0, -1), { name: 'gotape.pb', bytes: Buffer.from('other') }, entries.at(-1)!]);
    const read = await readTrace(attach(twice, note('a.md')));
    expect(read.rows).toHaveLength(6);
  });
});

describe('a name of an attachment', () => {
  test.each([
    ['../../x', 'attachments/x'],
    ['..\\..\\evil.exe', 'attachments/evil.exe'],
    ['/etc/passwd', 'attachments/passwd'],
    ['note\u001b[2J.md', 'attachments/note__2J.md'],
    ['.hidden', 'attachments/hidden'],
    ['a:b|c?.txt', 'attachments/a_b_c_.txt'],
    ['файл 日本.md', 'attachments/файл 日本.md'],
    ['a\u202egpj.exe', 'attachments/a_gpj.exe'],
    ['dir/', 'attachments/dir'],
  ])('%s becomes %s', (path, name) => {
    expect(attachmentName(path)).toBe(name);
  });

  test.each(['..', '', '/', '. .', 'gotape.pb', 'x/summary.pb'])('%s is refused', (path) => {
    expect(() => attachmentName(path)).toThrow(/name/);
  });

  test('is one harmless part of a path, whatever was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (path) => {
        let name: string;
        try {
          name = attachmentName(path);
        } catch {
          return;
        }
        const last = name.slice('attachments/'.length);
        expect(last).toMatch(
          /^[^/\\\u0000-\u001f\u007f-\u009f\u202a-\u202e.][^/\\\u0000-\u001f\u007f-\u009f\u202a-\u202e]*$/u,
        );
        expect(Buffer.byteLength(last)).toBeLessThanOrEqual(200);
      }),
      { numRuns: 2000 },
    );
  });
});
