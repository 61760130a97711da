/** The offline commands on files that are no traces, on streams that end early, and with stdout and stderr apart. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArchiveWriter } from '../../src/trace/archive-writer.js';
import { CUT_OFF_FIXTURE, expectRefusal, FIXTURE, Folder, GOTAPE, gotape, start } from './gotape.js';

const COMMANDS = ['info', 'analyze', 'convert', 'replay'] as const;
/** A table of contents without entries. */
const EMPTY_ZIP = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');

/** A ZIP that somebody else made, of one entry. */
function otherZip(): Buffer {
  const parts: Buffer[] = [];
  const archive = new ArchiveWriter({ write: (bytes) => void parts.push(Buffer.from(bytes)), truncate() {} });
  archive.add(['a.txt', Buffer.from('hello')]);
  archive.finish();
  return Buffer.concat(parts);
}

const BAD: readonly (readonly [name: string, sentence: string])[] = [
  ['missing.gotape.zip', 'missing.gotape.zip: no such file'],
  ['empty', 'empty is empty, expected a gotape trace'],
  ['notes.txt', 'notes.txt is not a gotape trace (it does not begin like a ZIP archive)'],
  ['random', 'random is not a gotape trace'],
  ['empty.zip', 'empty.zip is not a gotape trace'],
  ['other.zip', 'other.zip is a ZIP archive but not a gotape trace (it has no entry gotape.pb)'],
  ['folder', 'folder: is not a regular file, expected a gotape trace'],
  ['pipe', 'pipe: is not a regular file, expected a gotape trace'],
  ['notes.txt/x', 'notes.txt/x: '],
];

const folder = new Folder();

beforeAll(() => {
  writeFileSync(folder.file('empty'), '');
  writeFileSync(folder.file('notes.txt'), 'nothing to see\n');
  writeFileSync(folder.file('random'), Buffer.concat([Buffer.of(1), randomBytes(5000)]));
  writeFileSync(folder.file('empty.zip'), EMPTY_ZIP);
  writeFileSync(folder.file('other.zip'), otherZip());
  mkdirSync(folder.file('folder'));
  spawnSync('mkfifo', [folder.file('pipe')]);
});
afterAll(() => folder[Symbol.dispose]());

describe.each(COMMANDS)('gotape %s', (command) => {
  test.each(BAD)('says what is wrong with %s, and leaves nothing', async (name, sentence) => {
    const before = folder.names();
    expectRefusal(await gotape([command, name], { cwd: folder.path }), 1, sentence);
    expect(folder.names()).toEqual(before);
  });

  test('gives what there is of a trace that was cut off, with code 3', async () => {
    const run = await gotape([command, CUT_OFF_FIXTURE, ...(command === 'convert' ? ['-o', '-'] : [])]);
    expect(run.status).toBe(3);
    expect(run.stdout.length).toBeGreaterThan(100);
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });

  test('says so when stdout is full', async () => {
    const args = command === 'convert' ? ['-o', '-'] : [];
    const line = `"$0" "$@" > /dev/full`;
    const run = await start(['sh', '-c', line, process.execPath, GOTAPE, command, FIXTURE, ...args]).finished;
    expectRefusal(run, 1, 'stdout: cannot be written: ENOSPC');
  });
});

describe('stdout holds results alone', () => {
  test.each(['info', 'analyze'])('gotape %s --json is one JSON value', async (command) => {
    const run = await gotape([command, '--json', FIXTURE]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toHaveProperty('schema', expect.stringMatching(/^gotape\./));
  });

  test('gotape replay --json is a JSON value in each line', async () => {
    const run = await gotape(['replay', '--json', FIXTURE]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines.map((line) => typeof JSON.parse(line)).every((type) => type === 'object')).toBe(true);
  });

  test('gotape convert -o - is JSON, and what it says of it is on stderr', async () => {
    const run = await gotape(['convert', '-o', '-', FIXTURE]);
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout)).toBeTypeOf('object');
    expect(run.stderr).toContain('stdout: ');
  });
});

describe('a reader that has seen enough ends gotape quietly, with code 0', () => {
  test.each(['replay', 'analyze', 'info', 'convert -o -'])('gotape %s | head -1', async (command) => {
    const line = `"$0" "$@" | head -1; exit \${PIPESTATUS[0]}`;
    const args = [process.execPath, GOTAPE, ...command.split(' '), FIXTURE];
    const run = await start(['bash', '-c', line, ...args]).finished;
    expect(run.status).toBe(0);
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(run.stderr).not.toMatch(/EPIPE|^\s+at /m);
  });
});

describe('gotape convert', () => {
  test('does not write where there is no folder, and says which', async () => {
    const run = await gotape(['convert', FIXTURE, '-o', folder.file('nowhere/a.json')]);
    expectRefusal(run, 1, `because the folder ${folder.file('nowhere')} does not exist`);
  });

  test('leaves a file that is there as it is', async () => {
    const run = await gotape(['convert', FIXTURE, '-o', folder.file('notes.txt')]);
    expectRefusal(run, 1, 'exists already; choose another name with -o, or overwrite it with --force');
    expect(readFileSync(folder.file('notes.txt'), 'utf8')).toBe('nothing to see\n');
  });
});
