/** What the trace's header says of host and target. */
import { readFileSync } from 'node:fs';
import { availableParallelism, hostname, machine, release } from 'node:os';
import type { ClockFact, HostFact, TargetFact } from '../model/trace-facts.js';
import type { Clocks } from './clocks.js';
import type { GoTarget } from './go-target.js';
import { readInnerPid } from './proc.js';

export function hostFact(): HostFact {
  return {
    hostname: hostname(),
    kernel: release(),
    arch: machine(),
    bootId: readBootId(),
    cpus: availableParallelism(),
  };
}

export function clockFact(clocks: Clocks): ClockFact {
  return {
    monotonicNs: String(clocks.monotonicNs),
    boottimeNs: String(clocks.boottimeNs),
    realtimeNs: String(clocks.realtimeNs),
  };
}

export function targetFact({ exe, pid, shownPath, commandLine }: GoTarget): TargetFact {
  const innerPid = pid === 0 ? undefined : readInnerPid(pid);
  return {
    pid,
    ...(innerPid === undefined ? {} : { innerPid }),
    executable: shownPath,
    commandLine,
    goVersion: exe.goVersion.text,
    buildId: exe.gnuBuildId || exe.goBuildId,
    arch: exe.arch,
    layout: Object.entries(exe.layout).map(([name, { offset, source }]) => ({ name, offset, source })),
    warnings: exe.warnings,
  };
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
