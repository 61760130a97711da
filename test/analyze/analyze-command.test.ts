import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExitCode } from '../../src/base/errors.js';
import { runAnalyze } from '../../src/cli/analyze.js';
import { runReplay } from '../../src/cli/replay.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';
import { writeTraceFile } from '../support/trace-file.js';

const root = new URL('../..', import.meta.url).pathname;
let folder = '';
const file = (name: string) => join(folder, `${name}.gotape.zip`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-analyze-'));
  await writeTraceFile(file('whole'), syntheticTrace({ goroutines: 50, segments: 2, rowsPerSegment: 20_000 }));
  await writeTraceFile(file('lossy'), textTrace('gap 5 9 3\n10 7 dead runnable\n20 7 runnable running\nend 30'), {
    dropped: 3,
  });
  const whole = readFileSync(file('whole'));
  writeFileSync(file('cut'), whole.subarray(0, Math.floor(whole.length * 0.9)));
});

afterAll(() => rmSync(folder, { recursive: true }));

function capture() {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { ctx: { stdout, stderr, env: {} }, output: () => ({ stdout: text(stdout), stderr: text(stderr) }) };
}

test('a whole trace is analyzed with exit code 0 and nothing on stderr', async () => {
  const { ctx, output } = capture();
  expect(await runAnalyze(ctx, { file: file('whole'), top: 3, json: false })).toEqual({ exitCode: ExitCode.ok });
  const { stdout, stderr } = output();
  expect(stdout).toContain('40,000 transitions');
  expect(stderr).toBe('');
});

test('as JSON the analysis says the same', async () => {
  const { ctx, output } = capture();
  await runAnalyze(ctx, { file: file('whole'), top: 3, json: true });
  expect(JSON.parse(output().stdout)).toMatchObject({ schema: 'gotape.analysis/1', transitions: 40_000 });
});

test.each([
  ['lossy', /^warning: these figures are incomplete: 3 events were lost while recording, in 1 gaps\n$/],
  ['cut', /^warning: these figures are incomplete: the file is damaged .*\n$/],
])('a %s trace is analyzed with exit code 3 and one line on stderr', async (name, warning) => {
  const { ctx, output } = capture();
  expect(await runAnalyze(ctx, { file: file(name), top: 3, json: false })).toEqual({ exitCode: ExitCode.dataLoss });
  expect(output().stderr).toMatch(warning);
});

test('what is left of a cut file is replayed with exit code 3', async () => {
  const { ctx, output } = capture();
  const lines = { speed: undefined, goid: undefined, from: undefined, to: '20us', json: false };
  expect(await runReplay(ctx, { file: file('cut'), ...lines })).toEqual({ exitCode: ExitCode.dataLoss });
  const { stdout, stderr } = output();
  expect(stdout).toContain('DEAD(6) RUNNABLE(1)');
  expect(stderr.split('\n')).toHaveLength(2);
});

test('sections that are asked for are shown, in JSON those alone are made', async () => {
  const { ctx, output } = capture();
  await runAnalyze(ctx, { file: file('whole'), top: 3, json: false, section: ['wakes'], groupBy: 'creator' });
  const { stdout } = output();
  expect(stdout).toMatch(/Time by creator and state[\s\S]*Wake graph by start function/);
  expect(stdout).not.toContain('Time of all goroutines');
  await runAnalyze(ctx, { file: file('whole'), top: 3, json: true, section: ['wakes'], criticalPath: '7' });
  expect(JSON.parse(output().stdout)).toMatchObject({
    made: ['wakes'],
    sections: { cpu: null },
    criticalPath: { of: '7' },
  });
});

test('sections are listed without reading a file, and an unknown one is refused with the list', async () => {
  const { ctx, output } = capture();
  await runAnalyze(ctx, { file: file('none'), top: 3, json: false, section: ['list'] });
  expect(output().stdout).toMatch(/^states +time of all goroutines by state\n/);
  const attempt = runAnalyze(ctx, { file: file('whole'), top: 3, json: false, section: ['wake'] });
  await expect(attempt).rejects.toThrow(/--section wake: expected states, functions, .*, all or list/);
  await expect(attempt).rejects.toMatchObject({ exitCode: ExitCode.usage });
});

test.each([0, -1, 1.5, Number.NaN, 1e9])('--top %d is refused as wrong usage', async (top) => {
  const attempt = runAnalyze(capture().ctx, { file: file('whole'), top, json: false });
  await expect(attempt).rejects.toMatchObject({ exitCode: ExitCode.usage });
});

test('a file that is not there is a failure that names it', async () => {
  const attempt = runAnalyze(capture().ctx, { file: file('none'), top: 3, json: false });
  await expect(attempt).rejects.toThrow(/none\.gotape\.zip: no such file/);
});

test('a reader that stops early ends replay quietly, with exit code 0', () => {
  const main = 'node --import tsx src/main.ts';
  const script = `set -o pipefail; ${main} replay '${file('whole')}' | head -n 1`;
  const stdout = execFileSync('bash', ['-c', script], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(stdout.split('\n')).toHaveLength(2);
});

test('what the OS did is looked at without being asked for, where it was recorded', async () => {
  const { ctx, output } = capture();
  await runAnalyze(ctx, { file: join(root, 'fixtures/go1.26-details.gotape.zip'), top: 3, json: true });
  expect(JSON.parse(output().stdout)).toMatchObject({ made: ['os'], sections: { os: { execution: {} } } });
  await runAnalyze(ctx, { file: file('whole'), top: 3, json: true });
  expect(JSON.parse(output().stdout)).toMatchObject({ made: [], sections: { os: null } });
});
