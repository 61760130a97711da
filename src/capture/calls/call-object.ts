/** The BPF programs of calls.bpf.c, loaded and attached. */
import { release } from 'node:os';
import { UserError } from '../../base/errors.js';
import { BpfFile } from '../bpf-file.js';
import { CONTROL } from '../bpf-layout.js';
import type { MappedMemory } from '../mapped-memory.js';
import type { RingBuffer } from '../ring-buffer.js';
import { CALL_LAYOUT_FIELDS, type CallLayout } from './call-layout.js';

export const CALL_PROGRAMS = [
  'call_entry',
  'call_entry_strings',
  'call_return',
  'call_recovered',
  'call_goexit',
] as const;
export type CallProgram = (typeof CALL_PROGRAMS)[number];

export interface CallProbe {
  readonly program: CallProgram;
  readonly fileOffset: number;
  readonly cookie: bigint;
  readonly symbol: string;
}

/** `bpf_get_attach_cookie` of a uprobe. */
const COOKIES: Version = [5, 15];
/** Many uprobes as one link, and `pid` meaning all threads of a process. */
const MANY: Version = [6, 10];
type Version = readonly [number, number];

export interface CallObjectOptions {
  readonly layout: CallLayout;
  readonly bufferBytes: number;
  readonly probes: readonly CallProbe[];
  readonly path: string;
  /** -1: every process that maps the file. */
  readonly pid: number;
}

export class CallObject implements Disposable {
  readonly ring: RingBuffer;
  readonly counters: MappedMemory;
  readonly control: MappedMemory;
  readonly cpus: number;
  readonly #file: BpfFile;

  /** Loads and attaches. @throws UserError */
  constructor(options: CallObjectOptions) {
    if (!isKernel(COOKIES)) {
      throw new UserError(
        `--call: needs Linux 5.15 or later, this is ${release()}; without --call everything else is recorded`,
      );
    }
    this.#file = loadAndAttach(options);
    this.cpus = this.#file.cpus;
    this.ring = this.#file.mapRing('events', options.bufferBytes);
    this.counters = this.#file.mapCounters();
    this.control = this.#file.mapControl();
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

/** Together where the kernel can; what it refuses then is tried one by one, for the reason or for success. */
function loadAndAttach(options: CallObjectOptions): BpfFile {
  if (!isKernel(MANY)) return attach(options, attachEach);
  try {
    return attach(options, attachTogether);
  } catch {
    return attach(options, attachEach);
  }
}

interface AttachMethod {
  readonly prepare: (file: BpfFile) => void;
  readonly attach: (file: BpfFile, options: CallObjectOptions) => void;
}

function attach(options: CallObjectOptions, method: AttachMethod): BpfFile {
  const file = new BpfFile('calls');
  try {
    file.setMaxEntries('events', options.bufferBytes);
    file.setMaxEntries('counters', file.cpus);
    file.setConstants(Uint32Array.from(CALL_LAYOUT_FIELDS, (field) => options.layout[field]));
    method.prepare(file);
    file.load();
    method.attach(file, options);
    return file;
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}

const attachTogether: AttachMethod = {
  prepare: (file) => {
    for (const program of CALL_PROGRAMS) file.prepareForMany(program);
  },
  attach: (file, { probes, path, pid }) => {
    for (const program of CALL_PROGRAMS) {
      const points = probes.filter((probe) => probe.program === program);
      if (points.length > 0) file.attachUprobes(program, points, path, pid);
    }
  },
};

const attachEach: AttachMethod = {
  prepare: () => {},
  attach: (file, { probes, path, pid }) => {
    for (const { program, fileOffset, symbol, cookie } of probes) {
      file.attachUprobe(program, fileOffset, path, pid, symbol, cookie);
    }
  },
};

function isKernel([wantedMajor, wantedMinor]: Version): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
