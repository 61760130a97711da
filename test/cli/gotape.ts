/** The command line as a user meets it: a process, its exit code, what it prints and what it leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { buildGo } from '../support/go-build.js';

export const GOTAPE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

export const FIXTURE = join(fixtures, 'go1.26-iter-pull.gotape.zip');
export const CUT_OFF_FIXTURE = join(fixtures, 'go1.27-cut-off.gotape.zip');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when stdout and stderr together hold the text; to its first group, if it has one. */
  said(text: string | RegExp): Promise<string>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** For stdin, which then ends. */
  readonly input?: string;
}

export function start(command: readonly string[], { cwd, env = {}, input = '' }: RunOptions = {}): Running {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  child.stdin.on('error', () => {}).end(input);
  const output = { stdout: '', stderr: '' };
  const waiting: (() => void)[] = [];
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const look of waiting) look();
    });
  }
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ status, ...output }));
  });
  const said = (text: string | RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const all = output.stdout + output.stderr;
        const found = typeof text === 'string' ? all.includes(text) && [text] : text.exec(all);
        if (found) resolve(found[1] ?? found[0] ?? '');
      };
      waiting.push(look);
      look();
      void finished.then(() => reject(new Error(`never said ${text}: ${output.stdout}${output.stderr}`)), reject);
    });
  return { child, finished, said };
}

export const startGotape = (args: readonly string[], options?: RunOptions) =>
  start([process.execPath, GOTAPE, ...args], options);

export const gotape = (args: readonly string[], options?: RunOptions) => startGotape(args, options).finished;

/** A folder that goes with the test. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'gotape-cli-'));

  file(name: string): string {
    return join(this.path, name);
  }

  /** The program of test/programs/guest, as a file of its own: probes on it concern nobody else. */
  guest(name = 'guest'): string {
    const path = this.file(name);
    copyFileSync(buildGo('guest/main.go'), path);
    return path;
  }

  names(): string[] {
    return readdirSync(this.path).toSorted();
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A guest that runs already: `tick` or `churn`. Ends with the test. */
export async function startGuest(path: string, mode: 'tick' | 'churn'): Promise<Running & Disposable> {
  const running = start([path, mode]);
  await running.said('ready');
  return { ...running, [Symbol.dispose]: () => void running.child.kill('SIGKILL') };
}

/** One sentence on stderr, nothing on stdout, the code, no stack. */
export function expectRefusal(run: Finished, status: number, sentence: string | RegExp): void {
  expect(run).toEqual({ status, stdout: '', stderr: expect.stringMatching(/^gotape: [^\n]+\n$/) });
  expect(run.stderr).not.toMatch(/^\s+at /m);
  expect(run.stderr).toMatch(sentence);
}

/** What `info --json` prints, as much as these tests look at. */
export interface Info {
  readonly stopReason: string;
  readonly transitions: number;
  readonly lost: number;
  readonly damage: readonly string[];
  readonly durationNs: number;
  readonly bytes: number;
  readonly header: {
    readonly notes: readonly string[];
    readonly targets: readonly { readonly pid: number; readonly executable: string }[];
  };
}

/** @param status 0, or 3 for a trace that is not whole */
export async function infoOf(file: string, status = 0): Promise<Info> {
  const run = await gotape(['info', '--json', file]);
  expect(run).toMatchObject({ status, stderr: '' });
  return JSON.parse(run.stdout) as Info;
}
