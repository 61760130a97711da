/** What is to be recorded: a Go executable, and one process of it or all. */
import { resolve } from 'node:path';
import { UserError } from '../base/errors.js';
import type { GoExecutable } from '../goexe/go-executable.js';
import { type OpenGoExecutable, openGoExecutable } from '../goexe/open-go-executable.js';
import { readCommandLine, readExecutablePath, readProcessState } from './proc.js';

/** Its executable is read on demand, for symbols, until it is disposed. */
export interface GoTarget extends Disposable {
  readonly exe: GoExecutable;
  /** Path that opens the executable from here, even when it was deleted or lies in another mount namespace. */
  readonly path: string;
  /** Path as the user knows it. */
  readonly shownPath: string;
  /** 0: every process of this executable. */
  readonly pid: number;
  readonly commandLine: readonly string[];
}

/** @throws UserError when the process is not there, cannot be looked into, or is no Go program that gotape records */
export function targetOfProcess(pid: number): GoTarget {
  const state = readProcessState(pid);
  if (state === undefined)
    throw new UserError(`process ${pid}: does not exist (is the pid right? pgrep -l NAME lists them)`);
  if (state.state === 'Z') throw new UserError(`process ${pid}: has ended already (it is a zombie)`);
  const shownPath = readExecutablePath(pid);
  if (shownPath === undefined) {
    throw new UserError(`process ${pid}: its executable cannot be read; it is a kernel thread, or this needs root`);
  }
  const path = `/proc/${pid}/exe`;
  return { ...inspect(path, shownPath), path, shownPath, pid, commandLine: readCommandLine(pid) };
}

/** Every process that runs the file, or with `pid` the one that is about to. */
export function targetOfFile(path: string, pid = 0, commandLine: readonly string[] = []): GoTarget {
  // libbpf looks a name without a slash up in PATH.
  const absolute = resolve(path);
  return { ...inspect(path, path), path: absolute, shownPath: absolute, pid, commandLine };
}

function inspect(path: string, shownPath: string): OpenGoExecutable {
  const opened = openGoExecutable(path, shownPath);
  try {
    assertRunsHere(opened.exe);
    return opened;
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
}

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Probes can be put into a file of another architecture; nothing would ever reach them. */
function assertRunsHere({ name, arch }: GoExecutable): void {
  const host = GO_ARCH[process.arch] ?? process.arch;
  if (arch === host) return;
  throw new UserError(`wrong architecture: ${name} is for ${arch}, this machine is ${host}; record it where it runs`);
}
