/** Processes as /proc shows them (proc(5)). Everything may vanish between two calls: absent is an answer. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export interface ProcessState {
  /** One letter: R, S, D, T, Z, … */
  readonly state: string;
  /** Clock ticks after boot: tells a process from a later one with the same pid. */
  readonly startTime: string;
}

export function readProcessState(pid: number): ProcessState | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  const fields = statFields(stat);
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

/** From field 3 on. Field 2 is the command in parentheses and may hold anything: count from its end. */
function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** True while the process is there and has not ended (a zombie has). */
export function isAlive(pid: number, startTime: string): boolean {
  const now = readProcessState(pid);
  return now !== undefined && now.startTime === startTime && now.state !== 'Z' && now.state !== 'X';
}

/**
 * Differs after every exec(2), of the same file too: the executable's device and inode, and where the stack of its first
 * thread begins, which the kernel chooses anew. Undefined when it cannot be read.
 */
export function readProgramIdentity(pid: number): ProgramIdentity | undefined {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/exe`, { bigint: true });
    return { file: `${dev}:${ino}`, stack: statFields(readProc(pid, 'stat') ?? '')[25] ?? '' };
  } catch {
    return undefined;
  }
}

export interface ProgramIdentity {
  readonly file: string;
  readonly stack: string;
}

/** Device and inode of a file, as in {@link ProgramIdentity}. */
export function readFileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Its number in the innermost of its pid namespaces (NSpid of proc_pid_status(5)); undefined when that is the same. */
export function readInnerPid(pid: number): number | undefined {
  const pids =
    /^NSpid:\s*(.*)$/m
      .exec(readProc(pid, 'status') ?? '')?.[1]
      ?.split(/\s+/)
      .map(Number) ?? [];
  return pids.length > 1 ? pids.at(-1) : undefined;
}

/** Processes that run a file, by its identity ({@link readFileIdentity}). */
export function findProcessesOf(file: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => readFileIdentity(`/proc/${pid}/exe`) === file);
}

export function readCommandLine(pid: number): string[] {
  const text = readProc(pid, 'cmdline') ?? '';
  return text.replace(/\0$/, '').split('\0');
}

/** Path of the executable as the process sees it, ` (deleted)` included when it was replaced. */
export function readExecutablePath(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/**
 * What to add to link-time addresses of a position-independent executable in this process: where its first segment was
 * mapped, less that segment's own address.
 * @param firstLoad `p_vaddr` and `p_offset` of the first PT_LOAD
 */
export function readLoadBias(pid: number, firstLoad: { vaddr: number; fileOffset: number }): number | undefined {
  const path = readExecutablePath(pid);
  const maps = readProc(pid, 'maps');
  if (path === undefined || maps === undefined) return undefined;
  for (const line of maps.split('\n')) {
    // 55d0c8a00000-55d0c8a52000 r--p 00000000 fe:00 1234   /path
    const match = /^([0-9a-f]+)-[0-9a-f]+ \S+ ([0-9a-f]+) \S+ \d+\s+(.*)$/.exec(line);
    if (!match || match[3] !== path) continue;
    const start = Number.parseInt(match[1]!, 16);
    const offset = Number.parseInt(match[2]!, 16);
    return start - offset - (firstLoad.vaddr - firstLoad.fileOffset);
  }
  return undefined;
}

function readProc(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
