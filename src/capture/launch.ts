/** Starts a command that waits before its first instruction until the probes are in place. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { errorText, UserError } from '../base/errors.js';
import { readProcessState } from './proc.js';

export interface LaunchedCommand {
  readonly pid: number;
  /** Lets the program run; harmless when it runs already or is gone. */
  resume(): void;
  /** Lets gotape end while the program runs on. */
  leave(): void;
  signal(name: NodeJS.Signals): void;
  /** Exit status as a shell gives it: 128 + n for a signal. */
  readonly exited: Promise<number>;
}

const STOP_TIMEOUT_MS = 5000;
const POLL_MS = 2;

/** The file that a shell would run for this name. @throws UserError */
export function resolveCommand(name: string, path: string | undefined): string {
  if (name.includes('/')) {
    if (!isExecutable(name)) throw new UserError(`${name}: ${whyNotExecutable(name)}`);
    return resolve(name);
  }
  for (const folder of (path ?? '').split(delimiter)) {
    const candidate = resolve(folder || '.', name);
    if (isExecutable(candidate)) return candidate;
  }
  throw new UserError(`${name}: not found in PATH; give its path, as in ./${name}`);
}

/**
 * A shell stops itself and, when continued, becomes the command: same process, so that a probe put on the command's file
 * for this pid is there when exec maps it. Standard input, output and error are those of gotape.
 */
export async function launchStopped(file: string, args: readonly string[]): Promise<LaunchedCommand> {
  const child = spawn('/bin/sh', ['-c', 'kill -STOP $$; exec "$0" "$@"', file, ...args], { stdio: 'inherit' });
  const exited = exitStatus(child);
  const pid = child.pid;
  if (pid === undefined) return Promise.reject(await exited.catch((error: unknown) => error));
  await untilStopped(child, pid);
  return {
    pid,
    exited,
    resume: () => void child.kill('SIGCONT'),
    leave: () => child.unref(),
    signal: (name) => void child.kill(name),
  };
}

function exitStatus(child: ChildProcess): Promise<number> {
  return new Promise((resolveStatus, reject) => {
    child.on('error', (error) => reject(new UserError(`starting the command: ${error.message}`, { cause: error })));
    child.on('exit', (code, signal) => resolveStatus(code ?? 128 + (signal ? signalNumber(signal) : 0)));
  });
}

async function untilStopped(child: ChildProcess, pid: number): Promise<void> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (readProcessState(pid)?.state !== 'T') {
    if (Date.now() > deadline || child.exitCode !== null || child.signalCode !== null) {
      // The command has not begun: only the shell is ended.
      child.kill('SIGKILL');
      throw new UserError(`starting the command: /bin/sh (process ${pid}) did not stop as told`);
    }
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}

function signalNumber(name: NodeJS.Signals): number {
  return osConstants.signals[name] ?? 0;
}

function whyNotExecutable(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return 'no such file';
    return stat.isFile() ? 'is not executable (chmod +x?)' : 'is not a regular file, expected an executable';
  } catch (error) {
    // A file where a folder was expected, a folder that may not be searched, links in a circle.
    return errorText(error);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
