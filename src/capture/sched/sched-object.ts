/** The BPF programs of sched.bpf.c, loaded and attached. */
import { release } from 'node:os';
import { errorText, UserError } from '../../base/errors.js';
import { BpfFile } from '../bpf-file.js';
import { CONTROL } from '../bpf-layout.js';
import * as libbpf from '../libbpf-bindings.js';
import type { MappedMemory } from '../mapped-memory.js';
import type { RingBuffer } from '../ring-buffer.js';
import { SCHED_OPTIONS } from './sched-layout.js';

/** `bpf_task_pt_regs`, which tells the system call of a thread, came with it. */
const MINIMUM_KERNEL: readonly [number, number] = [5, 15];

export class SchedObject implements Disposable {
  readonly ring: RingBuffer;
  readonly counters: MappedMemory;
  readonly control: MappedMemory;
  readonly cpus: number;
  readonly #file: BpfFile;

  /**
   * @param tgid the one process, or 0 for those of the map
   * @throws UserError
   */
  constructor(tgid: number, bufferBytes: number) {
    this.#file = load(tgid, bufferBytes);
    this.cpus = this.#file.cpus;
    this.ring = this.#file.mapRing('events', bufferBytes);
    this.counters = this.#file.mapCounters();
    this.control = this.#file.mapControl();
  }

  attachSwitches(): void {
    this.#file.attach('sched_switch');
  }

  /** Follows which processes run the executable at `path`, from their first instruction to their end or next exec. */
  attachProcesses(path: string, entryFileOffset: number): void {
    this.#file.attach('process_ends');
    this.#file.attach('process_executes');
    this.#file.attachUprobe('process_starts', entryFileOffset, path, -1, 'the entry point');
  }

  addProcess(tgid: number): void {
    libbpf.updateElement(this.#file.mapFd('processes'), Uint32Array.of(tgid), Uint32Array.of(1), 0n);
  }

  enable(on: boolean): void {
    Atomics.store(new Uint32Array(this.control.buffer, CONTROL.enabled, 1), 0, on ? 1 : 0);
  }

  detach(): void {
    this.#file.detach();
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/**
 * The tracepoint hands over the state of the thread that leaves from Linux 5.18 on, and distributions have taken that
 * back into older ones: the verifier knows, so it is asked.
 */
function load(tgid: number, bufferBytes: number): BpfFile {
  try {
    return tryLoad({ tgid, state_argument: 1 }, bufferBytes);
  } catch {
    try {
      return tryLoad({ tgid, state_argument: 0 }, bufferBytes);
    } catch (error) {
      throw refusal(error);
    }
  }
}

function tryLoad(options: Record<(typeof SCHED_OPTIONS)[number], number>, bufferBytes: number): BpfFile {
  const file = new BpfFile('sched');
  try {
    file.setMaxEntries('events', bufferBytes);
    file.setMaxEntries('counters', file.cpus);
    file.setConstants(Uint32Array.from(SCHED_OPTIONS, (option) => options[option]));
    file.load();
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

function refusal(error: unknown): UserError {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const isOld = major < MINIMUM_KERNEL[0] || (major === MINIMUM_KERNEL[0] && minor < MINIMUM_KERNEL[1]);
  const needs = isOld
    ? `needs Linux 5.15 or later, this is ${release()}`
    : `${errorText(error)}; it needs a kernel with BTF (CONFIG_DEBUG_INFO_BTF, /sys/kernel/btf/vmlinux)`;
  return new UserError(`--sched: ${needs}; without --sched everything else is recorded`, { cause: error });
}
