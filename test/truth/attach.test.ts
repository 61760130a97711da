/** A server that runs already: esbuild with --serve --watch, under requests and edits. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { expectAccounting, expectComplete } from './expectations.js';
import { type Finished, type Recorded, readRecorded, startGotape, Workspace } from './record-trace.js';

const esbuild = join(dirname(createRequire(import.meta.url).resolve('@esbuild/linux-x64/package.json')), 'bin/esbuild');
const ROUNDS = 15;

describeWithBpf('esbuild --serve --watch, attached to while it runs', () => {
  const workspace = new Workspace();
  let server: ChildProcess | undefined;
  let run: Finished;
  let recorded: Pick<Recorded, 'trace' | 'losses'>;

  beforeAll(async () => {
    const source = workspace.path('app.ts');
    writeFileSync(source, 'export const version: number = 0;\n');
    const args = [source, '--bundle', `--outdir=${workspace.folder}`, '--watch=forever', '--serve=127.0.0.1:0'];
    server = spawn(esbuild, args, { cwd: workspace.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const url = await addressOf(server);
    const file = workspace.path('esbuild.gotape.zip');
    const recorder = startGotape(['record', '-p', String(server.pid), '-o', file], {});
    await untilWritten(file);
    for (let round = 1; round <= ROUNDS; round++) {
      writeFileSync(source, `export const version: number = ${round};\n`);
      await (await fetch(`${url}app.js`)).text();
      await sleep(60);
    }
    recorder.child.kill('SIGINT');
    run = await recorder.finished;
    recorded = await readRecorded(file, run);
  });
  afterAll(() => {
    server?.kill('SIGKILL');
    workspace[Symbol.dispose]();
  });

  test('is recorded until the recorder is told to stop, and goes on', async () => {
    expect(run).toMatchObject({ status: 0 });
    expect(recorded.trace.summary?.stopReason).toBe('SIGINT');
    expect(server?.exitCode).toBeNull();
  });

  test('shows every change of state since then, without a break', () => {
    expect(recorded.trace.rows.length).toBeGreaterThan(1000);
    expectComplete(recorded);
    expectAccounting(recorded);
  });

  test('names the goroutines that were there, and those that the requests made', () => {
    const { goroutines } = recorded.trace;
    expect(goroutines.filter(({ startFunction }) => startFunction === '')).toEqual([]);
    expect(goroutines.filter(({ origin }) => origin === 'found').length).toBeGreaterThan(0);
    const connections = goroutines.filter(({ startFunction }) => startFunction === 'net/http.(*conn).serve');
    expect(connections.length).toBeGreaterThan(0);
  });
});

/** The header is written once the probes are in place. */
async function untilWritten(file: string): Promise<void> {
  for (let wait = 0; wait < 200; wait++) {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
    await sleep(50);
  }
  throw new Error(`${file}: nothing was written in 10 s`);
}

/** esbuild prints ` > Local: http://127.0.0.1:8000/` on stderr once it serves. */
async function addressOf(server: ChildProcess): Promise<string> {
  let text = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  for (let wait = 0; wait < 100; wait++) {
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];
    if (url !== undefined) return url;
    await Promise.race([sleep(100), once(server, 'exit')]);
  }
  throw new Error(`esbuild does not serve: ${text}`);
}
