/** Records with the real command line, at the process boundary, and hands back everything that came out. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LossFacts } from '../../src/model/trace-facts.js';
import { readTraceRows, type TraceRows } from './trace-rows.js';

const gotape = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Recorded extends Finished {
  readonly file: string;
  readonly trace: TraceRows;
  readonly losses: LossFacts;
}

export interface RecordOptions {
  /** Of `gotape record`. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A folder that goes with the test. An executable copied into it is a file of its own: nobody else's hits count. */
export class Workspace implements Disposable {
  #folder: string | undefined;

  /** Made when it is asked for: tests that are skipped leave nothing behind. */
  get folder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'gotape-truth-'));
    return this.#folder;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** What lies beside the executable, such as library files, is beside the copy too. */
  ownCopy(executable: string, beside: readonly string[] = []): string {
    const copy = this.path(basename(executable));
    copyFileSync(executable, copy);
    for (const name of beside) symlinkSync(join(dirname(executable), name), this.path(name));
    return copy;
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** `gotape record -- COMMAND`, to the command's end. */
export async function recordCommand(
  workspace: Workspace,
  command: readonly string[],
  { options = [], env = {}, cwd = workspace.folder }: RecordOptions = {},
): Promise<Recorded> {
  const file = workspace.path('run.gotape.zip');
  const run = await runGotape(['record', '--force', '-o', file, ...options, '--', ...command], { env, cwd });
  return { ...run, file, ...(await readRecorded(file, run)) };
}

export async function readRecorded(file: string, run: Finished): Promise<{ trace: TraceRows; losses: LossFacts }> {
  const info = await runGotape(['info', '--json', file], {});
  if (info.stdout === '') throw new Error(`no trace: ${run.stderr}\n${info.stderr}`);
  const { losses } = JSON.parse(info.stdout) as { losses: LossFacts };
  return { trace: await readTraceRows(file), losses };
}

export function runGotape(args: readonly string[], { env = {}, cwd }: RecordOptions): Promise<Finished> {
  return startGotape(args, { env, ...(cwd === undefined ? {} : { cwd }) }).finished;
}

/** For recordings that the test itself ends. */
export function startGotape(args: readonly string[], { env = {}, cwd }: RecordOptions) {
  const child = spawn(process.execPath, [gotape, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  child.stdin.end();
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
  });
  return { child, finished };
}
