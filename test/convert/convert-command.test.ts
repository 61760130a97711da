import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runConvert } from '../../src/cli/convert.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';
import { writeTraceFile } from '../support/trace-file.js';
import { checkTraceEvents } from './trace-event-rules.js';

const SMALL =
  'created 1 0 main.main\n0 1 dead runnable\n5 1 runnable running p=0\n9 1 running waiting reason=select\nend 50';

let folder: string;
let trace: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-convert-'));
  trace = join(folder, 'app.gotape.zip');
  await writeTraceFile(trace, textTrace(SMALL));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function convert(output: string | undefined, options: { force?: boolean; to?: string; stdout?: Writable } = {}) {
  const stdout = options.stdout ?? new Text();
  const stderr = new Text();
  const args = { file: trace, to: options.to ?? 'chrome', output, force: options.force ?? false };
  const outcome = await runConvert({ stdout, stderr, env: {} }, args);
  return { ...outcome, stdout: stdout instanceof Text ? stdout.text : '', stderr: stderr.text };
}

test('writes a file that viewers read, and says so on stderr', async () => {
  const output = join(folder, 'app.json');
  const { exitCode, stdout, stderr } = await convert(output);
  expect(exitCode).toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toContain(
    'from 3 transitions\n2 transitions ended a span, 1 are the first of a goroutine, 0 lie within a span\n3 slices on 1 goroutines, 1 on Ps, 0 spans of 0 ns left out\n',
  );
  expect(stderr).toContain('https://ui.perfetto.dev');
  expect(checkTraceEvents(readFileSync(output, 'utf8'))).not.toHaveLength(0);
});

test('a name that ends in .gz is compressed', async () => {
  const output = join(folder, 'app.json.gz');
  await convert(output);
  const plain = join(folder, 'app.json');
  await convert(plain);
  expect(gunzipSync(readFileSync(output))).toEqual(readFileSync(plain));
});

test('- writes the trace to stdout and talk to stderr', async () => {
  const { stdout, stderr } = await convert('-');
  checkTraceEvents(stdout);
  expect(stderr).toContain('stdout: ');
});

test('a reader of stdout that has seen enough is no failure', async () => {
  const closed = new Writable({
    write: (_c, _e, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  });
  expect(await convert('-', { stdout: closed })).toMatchObject({ exitCode: 0, stderr: '' });
});

test('without -o the name is that of the trace, in the current folder', async () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    await convert(undefined);
  } finally {
    process.chdir(before);
  }
  expect(existsSync(join(folder, 'app.json.gz'))).toBe(true);
});

test('a file that exists is overwritten only with --force', async () => {
  const output = join(folder, 'app.json');
  writeFileSync(output, 'mine');
  await expect(convert(output)).rejects.toThrow(`${output}: exists already; choose another name with -o`);
  expect(readFileSync(output, 'utf8')).toBe('mine');
  await convert(output, { force: true });
  checkTraceEvents(readFileSync(output, 'utf8'));
});

test('the trace is never overwritten by what is made of it, whatever it is called', async () => {
  const before = readFileSync(trace);
  const link = join(folder, 'app.json');
  symlinkSync(trace, link);
  for (const output of [trace, link]) {
    await expect(convert(output, { force: true })).rejects.toThrow(/is the trace itself, expected another name/);
  }
  expect(readFileSync(trace)).toEqual(before);
});

test('a folder that does not exist is named in the one sentence of the error', async () => {
  const output = join(folder, 'nowhere', 'app.json');
  await expect(convert(output)).rejects.toThrow(
    `${output}: cannot be written, because the folder ${join(folder, 'nowhere')} does not exist`,
  );
});

test('a folder is not taken for a file', async () => {
  mkdirSync(join(folder, 'dir'));
  await expect(convert(join(folder, 'dir'), { force: true })).rejects.toThrow('is a folder');
});

test.each(['full.json', 'full.json.gz'])('a disk that is full leaves nothing behind: %s', async (name) => {
  await writeTraceFile(trace, syntheticTrace({ goroutines: 20, segments: 5, rowsPerSegment: 20_000 }));
  const before = readdirSync(folder);
  const output = join(folder, name);
  using _full = await fullDisk();
  await expect(convert(output)).rejects.toThrow(
    `${output}: cannot be written: the disk is full; nothing is left of it`,
  );
  expect(readdirSync(folder)).toEqual(before);
});

test('a device is written as it is, not replaced', async () => {
  await expect(convert('/dev/full')).rejects.toThrow('/dev/full: cannot be written: the disk is full');
  expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
});

test('an unknown format is a usage error', async () => {
  await expect(convert('-', { to: 'dot' })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('--to dot'),
  });
});

test('a trace with lost events is converted, with a warning and exit code 3', async () => {
  await writeTraceFile(trace, textTrace(`gap 6 8 12\n${SMALL}`), { dropped: 12 });
  const { exitCode, stderr } = await convert(join(folder, 'lossy.json'));
  expect(exitCode).toBe(3);
  expect(stderr).toContain('warning: 12 events were lost while recording');
});

test('a trace that was cut off is converted as far as it goes, with exit code 3', async () => {
  await writeTraceFile(trace, textTrace(`${SMALL}\nsegment\n20 1 waiting runnable\nend 60`));
  const bytes = readFileSync(trace);
  writeFileSync(trace, bytes.subarray(0, bytes.indexOf('transitions/000001') + 40));
  const { exitCode, stderr } = await convert(join(folder, 'cut.json'));
  expect(exitCode).toBe(3);
  expect(stderr).toContain('warning: ');
  checkTraceEvents(readFileSync(join(folder, 'cut.json'), 'utf8'));
});

test('the file is as private as the trace it is made of', async () => {
  chmodSync(folder, 0o755);
  const output = join(folder, 'app.json');
  await convert(output);
  expect(statSync(output).mode & 0o077).toBe(0);
});

/** From the second write on the disk is full. */
async function fullDisk(): Promise<Disposable> {
  const file = await open(trace);
  const spy = vi.spyOn(Object.getPrototypeOf(file), 'write');
  await file.close();
  const failure = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  spy.mockImplementationOnce(async (bytes) => ({ bytesWritten: (bytes as Uint8Array).length }));
  spy.mockRejectedValue(failure);
  return { [Symbol.dispose]: () => spy.mockRestore() };
}
