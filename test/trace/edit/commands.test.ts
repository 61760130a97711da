/** `compact`, `redact`, `attach` and `info --notes` as a user runs them, on real recordings. */
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { parseAndRun } from '../../../src/cli/commands.js';
import { syntheticTrace } from '../../support/synthetic-trace.js';
import { readTrace, testFacts, writeTrace } from '../memory-file.js';

const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/${name}.gotape.zip`, import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-edit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function gotape(...argv: string[]): Promise<Result> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  try {
    const { exitCode } = await parseAndRun({ stdout, stderr, env: { GOTAPE_TEST_KEY: 'k'.repeat(20) } }, argv);
    return { exitCode, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { exitCode: error.exitCode, stdout: text(stdout), stderr: error.message };
  }
}

const at = (name: string) => join(folder, name);
const analysisOf = async (path: string, ...window: string[]) => {
  const { facts: _, damage: __, ...figures } = JSON.parse((await gotape('analyze', '--json', path, ...window)).stdout);
  return figures;
};

describe('compact', () => {
  test('leaves a file with the same analysis, and says what it did', async () => {
    const { exitCode, stderr } = await gotape('compact', fixture('go1.24-known'), '-o', at('small.zip'));
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/KiB → .*transitions, nothing left out; every row compared/s);
    const [before, after] = [await analysisOf(fixture('go1.24-known')), await analysisOf(at('small.zip'))];
    expect(after.totals).toEqual(before.totals);
    expect({ ...after, trace: 0 }).toEqual({ ...before, trace: 0 });
    expect(statSync(at('small.zip')).mode & 0o777).toBe(0o600);
  });

  test('overwrites nothing without --force, and not even with it when it fails', async () => {
    writeFileSync(at('there'), 'mine');
    expect((await gotape('compact', fixture('go1.24-known'), '-o', at('there'))).stderr).toContain('exists already');
    const failed = await gotape('compact', fixture('go1.27-cut-off'), '-o', at('there'), '--force');
    expect(failed).toMatchObject({ exitCode: 1 });
    expect(failed.stderr).toContain('gotape repair');
    expect(readFileSync(at('there'), 'utf8')).toBe('mine');
    expect((await gotape('compact', fixture('go1.24-known'), '-o', at('there'), '--force')).exitCode).toBe(0);
    symlinkSync(at('there'), at('link'));
    expect((await gotape('compact', fixture('go1.24-known'), '-o', at('link'), '--force')).stderr).toContain(
      'symbolic link',
    );
    expect((await gotape('compact', fixture('go1.24-known'), '-o', at('no/such/x'))).stderr).toMatch(
      /x: .*does not exist/,
    );
    expect(readdirSync(folder).toSorted()).toEqual(['link', 'there']);
  });

  test.each([
    ['--level', '23'],
    ['--fit', 'big'],
    ['--around', '1s'],
    ['--fit', '1MB', '--around', '900h'],
  ])('refuses %s %s as a usage error', async (...options) => {
    expect(await gotape('compact', fixture('go1.24-known'), '-o', at('x'), ...options)).toMatchObject({ exitCode: 2 });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('compact --fit', () => {
  test.each([60_000, 100_000, 200_000])('writes at most %d bytes, and says what is missing', async (size) => {
    const source = syntheticTrace({ goroutines: 100, segments: 6, rowsPerSegment: 20_000 });
    writeFileSync(
      at('in.zip'),
      await writeTrace(source, testFacts({ targets: [{ ...testFacts().targets[0]!, pid: 4242 }] })),
    );
    const { exitCode, stderr } = await gotape('compact', at('in.zip'), '-o', at('out.zip'), '--fit', `${size}`);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('left out so that the file fits');
    const written = statSync(at('out.zip')).size;
    expect(written).toBeLessThanOrEqual(size);
    expect(written).toBeGreaterThan(size * 0.7);
    const { facts, damage, rows } = await readTrace(readFileSync(at('out.zip')));
    expect(damage).toEqual([]);
    expect(rows.length).toBeGreaterThan(1000);
    expect(facts.invisible[0]).toContain('left out so that the file fits');
    expect(readdirSync(folder).toSorted()).toEqual(['in.zip', 'out.zip']);
  });

  test('analyzes as that window of the whole does', async () => {
    const { exitCode } = await gotape(
      'compact',
      fixture('go1.26-tsc'),
      '-o',
      at('out.zip'),
      '--fit',
      '30KB',
      '--around',
      '100ms',
    );
    expect(exitCode).toBe(0);
    const { facts } = await readTrace(readFileSync(at('out.zip')));
    const { fromNs, toNs } = facts.window!;
    expect(fromNs).toBeLessThanOrEqual(100e6);
    expect(toNs).toBeGreaterThan(100e6);
    const window = ['--from', `${fromNs}ns`, ...(Number.isFinite(toNs) ? ['--to', `${toNs}ns`] : [])];
    const [whole, part] = [await analysisOf(fixture('go1.26-tsc'), ...window), await analysisOf(at('out.zip'))];
    expect(part.totals).toEqual(whole.totals);
    expect(part.blocks).toEqual(whole.blocks);
  });

  test('keeps everything when everything fits', async () => {
    const { stderr } = await gotape('compact', fixture('go1.24-known'), '-o', at('out.zip'), '--fit', '1MB');
    expect(stderr).toContain('nothing left out');
  });

  test('refuses what is too small for anything, and leaves no file', async () => {
    expect(await gotape('compact', fixture('go1.24-known'), '-o', at('out.zip'), '--fit', '2KB')).toMatchObject({
      exitCode: 1,
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('redact', () => {
  test('writes a trace of the same figures that its own proof passes, and the original fails', async () => {
    const original = fixture('go1.24-known');
    expect(await gotape('redact', original, '-o', at('r.zip'))).toMatchObject({ exitCode: 0 });
    const proof = await gotape('redact', '--verify', original, at('r.zip'));
    expect(proof).toMatchObject({ exitCode: 0, stdout: '' });
    expect(proof.stderr).toContain('none survived');
    const failed = await gotape('redact', '--verify', original, original);
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(/gotape\.pb: .*\n/);
    const [before, after] = [await analysisOf(original), await analysisOf(at('r.zip'))];
    expect(after.totals).toEqual(before.totals);
    expect(after.transitions).toEqual(before.transitions);
  });

  test('gives the same pseudonyms with the same key, in other traces too', async () => {
    writeFileSync(at('key'), 'k'.repeat(20));
    await gotape('redact', fixture('go1.24-known'), '-o', at('a.zip'), '--key', at('key'));
    await gotape('redact', fixture('go1.27-known'), '-o', at('b.zip'), '--key', 'env:GOTAPE_TEST_KEY');
    const [a, b] = [await readTrace(readFileSync(at('a.zip'))), await readTrace(readFileSync(at('b.zip')))];
    const shared = (trace: typeof a) =>
      new Set(
        trace.goroutines.map(({ startFunction }) => startFunction).filter((name) => name.startsWith('main.func_')),
      );
    const both = [...shared(a)].filter((name) => shared(b).has(name));
    expect(both.length).toBeGreaterThan(3);
    expect(a.facts.host.hostname).toBe(b.facts.host.hostname);
  });

  test('redacts a compacted window: its border states and its figures stay', async () => {
    await gotape('compact', fixture('go1.26-tsc'), '-o', at('c.zip'), '--fit', '30KB');
    expect((await readTrace(readFileSync(at('c.zip')))).facts.window).toBeDefined();
    expect(await gotape('redact', at('c.zip'), '-o', at('r.zip'), '--pids', '--no-time')).toMatchObject({
      exitCode: 0,
    });
    const [before, after] = [await analysisOf(at('c.zip')), await analysisOf(at('r.zip'))];
    expect(after.totals).toEqual(before.totals);
    expect(await gotape('compact', at('r.zip'), '-o', at('rc.zip'))).toMatchObject({ exitCode: 0 });
  });

  test.each([
    [['--key', 'env:GOTAPE_UNSET']],
    [['--verify']],
    [['--level', '0']],
  ])('refuses %s as a usage error', async (options) => {
    expect(await gotape('redact', fixture('go1.24-known'), '-o', at('x'), ...options)).toMatchObject({ exitCode: 2 });
  });

  test('wants to know where to write', async () => {
    expect(await gotape('redact', fixture('go1.24-known'))).toMatchObject({ exitCode: 2 });
  });
});

describe('attach', () => {
  beforeEach(() => {
    copyFileSync(fixture('go1.24-known'), at('t.zip'));
    writeFileSync(at('note.md'), 'seen at \u001b[31m12:00\nsecond line');
  });

  test('puts notes into the file, and info --notes shows them harmlessly', async () => {
    const before = await analysisOf(at('t.zip'));
    expect(await gotape('attach', at('t.zip'), at('note.md'), at('note.md'))).toMatchObject({ exitCode: 0 });
    const { stdout } = await gotape('info', '--notes', at('t.zip'));
    expect(stdout).toContain('note.md, 30 B');
    expect(stdout).toContain('note-2.md, 30 B');
    expect(stdout).toContain('      second line');
    expect(stdout).not.toContain('\u001b');
    const { attachments } = JSON.parse((await gotape('info', '--notes', '--json', at('t.zip'))).stdout);
    expect(attachments[0]).toMatchObject({ name: 'note.md', bytes: 30 });
    expect((await analysisOf(at('t.zip'))).totals).toEqual(before.totals);
    expect(readdirSync(folder).toSorted()).toEqual(['note.md', 't.zip']);
  });

  test('keeps the mode of the file, and what a symbolic link points to', async () => {
    const { mode } = statSync(at('t.zip'));
    symlinkSync(at('t.zip'), at('link.zip'));
    expect(await gotape('attach', at('link.zip'), at('note.md'))).toMatchObject({ exitCode: 0 });
    expect(statSync(at('t.zip')).mode).toBe(mode);
    expect((await gotape('info', '--notes', at('t.zip'))).stdout).toContain('note.md');
  });

  test('leaves the file alone when something is wrong', async () => {
    const before = readFileSync(at('t.zip'));
    expect((await gotape('attach', at('t.zip'), at('none.md'))).stderr).toContain('none.md: no such file');
    expect((await gotape('attach', at('t.zip'), folder)).stderr).toContain('is not a regular file');
    expect(readFileSync(at('t.zip')).equals(before)).toBe(true);
    copyFileSync(fixture('go1.27-cut-off'), at('cut.zip'));
    const cut = await gotape('attach', at('cut.zip'), at('note.md'));
    expect(cut).toMatchObject({ exitCode: 1 });
    expect(cut.stderr).toContain('gotape repair');
  });
});
