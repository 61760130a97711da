/** Programs to record, recorders to hurt, and what must hold of every file that is left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { FileSource } from '../../src/base/file-source.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';
import { verifyTrace } from '../../src/trace/verify/verify-trace.js';
import { buildGo } from '../support/go-build.js';
import { type Finished, runGotape, startGotape, type Workspace } from '../truth/record-trace.js';

/** A program that runs until it is told to end, `chan`, `mixed` or `idle`. */
export class Victim implements Disposable {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly #path: string;

  constructor(workspace: Workspace, args: readonly string[], source = '../bench/workload/main.go') {
    this.#path = workspace.ownCopy(buildGo(source));
    this.child = spawn(this.#path, args, { stdio: 'ignore' });
    this.pid = this.child.pid!;
  }

  static workload(workspace: Workspace, mode: string, duration = '600s'): Victim {
    return new Victim(workspace, ['-mode', mode, '-d', duration]);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** First bytes of the probed instructions in the running program, which differ from the file's while probed. */
  isProbed(): boolean {
    using source = new FileSource(this.#path);
    const { probes } = inspectGoExecutable(source, this.#path);
    const memory = openSync(`/proc/${this.pid}/mem`, 'r');
    try {
      return probes.some((probe) => {
        if (!probe.present) return false;
        const now = Buffer.alloc(1);
        readSync(memory, now, 0, 1, probe.vaddr);
        return now[0] !== source.read(probe.fileOffset, 1)[0];
      });
    } finally {
      closeSync(memory);
    }
  }

  /** The kernel takes breakpoints out a moment after the recorder's end. */
  async expectLeftAlone(): Promise<void> {
    for (let wait = 0; wait < 40 && this.isProbed(); wait++) await sleep(25);
    expect(this.isProbed()).toBe(false);
    expect(this.isRunning).toBe(true);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** A recorder that has written its header: the probes are in place. */
export async function startRecorder(file: string, args: readonly string[]) {
  rmSync(file, { force: true });
  const recorder = startGotape(['record', '-o', file, ...args], {});
  let over: Finished | undefined;
  void recorder.finished.then((run) => {
    over = run;
  });
  for (let wait = 0; wait < 2000; wait++) {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) return recorder;
    if (over !== undefined) throw new Error(`the recorder ended with ${over.status}: ${over.stderr}`);
    await sleep(5);
  }
  throw new Error(`${file}: nothing was written in 10 s`);
}

export function expectSound(file: string) {
  using source = new FileSource(file);
  const report = verifyTrace(source);
  expect(report.problems).toEqual([]);
  return report.counts;
}

/** `gotape repair`, and what it says. */
export async function repaired(file: string): Promise<{ run: Finished; output: string }> {
  const output = `${file.replace('.gotape.zip', '')}-repaired.gotape.zip`;
  const run = await runGotape(['repair', file, '-o', output, '--force'], {});
  return { run, output };
}
