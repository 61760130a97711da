/** Why the kernel will not let us record, found out before and after it says no. */
import { readFileSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
import { UserError } from '../base/errors.js';
import { strerror } from './libc-bindings.js';

const EPERM = 1;
const EACCES = 13;
const EINVAL = 22;

/** Bit numbers of linux/capability.h. */
const CAP_SYS_ADMIN = 21;
const CAP_PERFMON = 38;
const CAP_BPF = 39;

/** First kernel with BPF_MAP_TYPE_RINGBUF. */
const MINIMUM_KERNEL: readonly [number, number] = [5, 8];

/** @throws UserError with a remedy when this process cannot load and attach BPF programs. */
export function assertCanRecord(): void {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < MINIMUM_KERNEL[0] || (major === MINIMUM_KERNEL[0] && minor < MINIMUM_KERNEL[1])) {
    throw new UserError(`BPF ring buffer: needs Linux 5.8 or later, this is ${release()}`);
  }
  const missing = missingCapabilities();
  if (missing.length > 0) {
    throw new UserError(
      `not permitted to load BPF programs: this process lacks ${missing.join(' and ')}; run as root (sudo gotape record …) ` +
        'or, in a container, add those capabilities',
    );
  }
  if (!isInFirstPidNamespace()) {
    throw new UserError(
      'gotape runs in a pid namespace of its own, where processes have other numbers than the kernel reports: run it on the ' +
        'host (there it records processes in containers too), or in a container with docker run --pid=host, hostPID: true',
    );
  }
  if (lockdownMode() === 'confidentiality') {
    throw new UserError(
      'kernel lockdown is in confidentiality mode, which forbids BPF to read memory: boot with lockdown=integrity or none',
    );
  }
}

function missingCapabilities(): string[] {
  const effective = effectiveCapabilities();
  const has = (bit: number) => (effective >> BigInt(bit)) & 1n;
  if (has(CAP_SYS_ADMIN)) return [];
  const missing: string[] = [];
  if (!has(CAP_BPF)) missing.push('CAP_BPF');
  if (!has(CAP_PERFMON)) missing.push('CAP_PERFMON');
  return missing;
}

/** CapEff of proc_pid_status(5). */
function effectiveCapabilities(): bigint {
  const line = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'latin1'));
  return BigInt(`0x${line?.[1] ?? '0'}`);
}

/** PROC_PID_INIT_INO of linux/proc_ns.h: the same on every system. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

function isInFirstPidNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === FIRST_PID_NAMESPACE;
  } catch {
    return true;
  }
}

function lockdownMode(): string {
  try {
    return /\[(\w+)\]/.exec(readFileSync('/sys/kernel/security/lockdown', 'latin1'))?.[1] ?? 'none';
  } catch {
    return 'none';
  }
}

/** A libbpf call that failed, as one sentence with what can be done. */
export function kernelRefusal(action: string, errno: number, log: readonly string[]): UserError {
  return new UserError(`${action}: ${strerror(errno)} (errno ${errno})${remedy(errno, log)}`);
}

function remedy(errno: number, log: readonly string[]): string {
  if (log.some((line) => line.includes('RLIMIT_MEMLOCK')))
    return '; the limit of locked memory is too low: ulimit -l unlimited';
  if (errno === EPERM || errno === EACCES) {
    return '; the kernel forbids it: run as root, and in a container check its seccomp profile (bpf, perf_event_open)';
  }
  if (errno === EINVAL)
    return '; this kernel may lack CONFIG_BPF_SYSCALL or CONFIG_UPROBE_EVENTS (run again with -v for its log)';
  return ' (run again with -v for the log of libbpf and the kernel)';
}
