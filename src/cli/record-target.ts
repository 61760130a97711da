/** The three ways to say what to record: a process, an executable, a command. */
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { ExitCode, errorText, UserError } from '../base/errors.js';
import type { GoTarget } from '../capture/go-target.js';
import type { LaunchedCommand } from '../capture/launch.js';

export type RecordTarget =
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'executable'; readonly path: string }
  | { readonly kind: 'command'; readonly command: readonly string[] };

/** A target whose executable was looked at; nothing has been started yet. */
export interface PreparedTarget extends Disposable {
  /** For the output file's name. */
  readonly name: string;
  launch(): Promise<LaunchedCommand | undefined>;
  target(launchedPid: number | undefined): GoTarget;
}

export type Capture = Awaited<ReturnType<typeof importCapture>>;

/** Capture needs Linux and libbpf: it is loaded only here, so that every other command runs anywhere. */
export async function loadCapture(): Promise<Capture> {
  if (process.platform !== 'linux') {
    throw new UserError(
      `record: needs Linux with eBPF, this is ${process.platform}; reading and converting traces works here`,
    );
  }
  try {
    return await importCapture();
  } catch (error) {
    if (!errorText(error).includes('libbpf')) throw error;
    throw new UserError(`record: libbpf.so.1 is not installed (apt-get install libbpf1, dnf install libbpf)`, {
      cause: error,
    });
  }
}

async function importCapture() {
  return await import('../capture/index.js');
}

/** @throws UserError when the executable cannot be recorded */
export function prepareTarget(capture: Capture, wanted: RecordTarget, env: NodeJS.ProcessEnv): PreparedTarget {
  switch (wanted.kind) {
    case 'process': {
      const target = capture.targetOfProcess(wanted.pid);
      return { ...ownerOf(target), name: basename(target.shownPath), launch: noLaunch, target: () => target };
    }
    case 'executable': {
      const target = capture.targetOfFile(wanted.path);
      return { ...ownerOf(target), name: basename(wanted.path), launch: noLaunch, target: () => target };
    }
    case 'command':
      return prepareCommand(capture, wanted.command, env);
  }
}

function prepareCommand(capture: Capture, command: readonly string[], env: NodeJS.ProcessEnv): PreparedTarget {
  const [name, ...args] = command;
  if (name === undefined) throw new UserError('record: no command after --', { exitCode: ExitCode.usage });
  const file = realpathSync(capture.resolveCommand(name, env['PATH']));
  const target = capture.targetOfFile(file, 0, command);
  return {
    ...ownerOf(target),
    name: basename(file),
    launch: () => capture.launchStopped(file, args),
    target: (pid) => ({ ...target, pid: pid ?? 0 }),
  };
}

const noLaunch = async () => undefined;

function ownerOf(target: GoTarget): Disposable {
  return { [Symbol.dispose]: () => target[Symbol.dispose]() };
}
