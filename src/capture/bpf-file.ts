/** One compiled BPF object of dist/bpf, opened, loaded and attached: what every kind of probe has in common. */
import { closeSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.js';
import { COUNTERS_BYTES } from './bpf-layout.js';
import * as libbpf from './libbpf-bindings.js';
import { takeLog } from './libbpf-log.js';
import { type MappedMemory, mapMemory, pageBytes } from './mapped-memory.js';
import * as multiprobe from './multiprobe-bindings.js';
import { kernelRefusal } from './privileges.js';
import { RingBuffer } from './ring-buffer.js';

/** dist/bpf, seen from src/capture as well as from dist/capture. */
const folder = fileURLToPath(new URL('../../dist/bpf/', import.meta.url));

/** One of many breakpoints of a program. */
export interface UprobePoint {
  readonly fileOffset: number;
  /** What `bpf_get_attach_cookie` returns to the program. */
  readonly cookie: bigint;
}

/** Owns the object, what was mapped of it, and its links. Use in this order: sizes and constants, `load`, the rest. */
export class BpfFile implements Disposable {
  readonly cpus = libbpf.possibleCpus();
  readonly #path: string;
  readonly #object: libbpf.NativePointer;
  readonly #mapped: Disposable[] = [];
  readonly #links: libbpf.NativePointer[] = [];
  readonly #descriptors: number[] = [];

  /** @param name of the source: `gotape` for bpf/gotape.bpf.c. @throws UserError */
  constructor(name: string) {
    this.#path = `${folder}${name}-${process.arch}.bpf.o`;
    if (!existsSync(this.#path)) {
      throw new UserError(
        `BPF programs: ${this.#path} is missing; gotape ships them for x64 and arm64, this is ${process.arch}`,
      );
    }
    this.#object = libbpf.openFile(this.#path, null);
    if (this.#object === null) throw kernelRefusal(`opening ${this.#path}`, libbpf.lastErrno(), takeLog());
  }

  setMaxEntries(map: string, entries: number): void {
    libbpf.setMaxEntries(this.#map(map), entries);
  }

  /** All of `.rodata`, which holds 32-bit words only. */
  setConstants(words: Uint32Array): void {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    this.#check('setting the constants', libbpf.setInitialValue(this.#map('.rodata'), bytes, bytes.byteLength));
  }

  /** @throws UserError with the kernel's reason and a remedy */
  load(): void {
    this.#check('loading the BPF programs', libbpf.load(this.#object));
  }

  mapFd(map: string): number {
    return libbpf.mapFd(this.#map(map));
  }

  /** @param bytes as its `setMaxEntries` */
  mapRing(map: string, bytes: number): RingBuffer {
    return this.#own(new RingBuffer(this.mapFd(map), bytes));
  }

  /** The map `counters`: one `struct gotape_counters` per possible CPU. */
  mapCounters(): MappedMemory {
    const bytes = roundToPages(this.cpus * COUNTERS_BYTES);
    return this.#own(mapMemory('counters', this.mapFd('counters'), 0, bytes, 'read'));
  }

  /** `.bss`, which must fit into one page. */
  mapControl(): MappedMemory {
    return this.#own(mapMemory('control', this.mapFd('.bss'), 0, pageBytes, 'write'));
  }

  /**
   * @param pid the one process that gets the breakpoint, or -1 for every process that maps the file now or later
   * @param cookie what `bpf_get_attach_cookie` returns to the program; needs Linux 5.15
   */
  attachUprobe(
    programName: string,
    fileOffset: number,
    path: string,
    pid: number,
    symbol: string,
    cookie?: bigint,
  ): void {
    const options = cookie === undefined ? null : uprobeOptions(cookie);
    const link = libbpf.attachUprobe(this.#program(programName), pid, path, fileOffset, options);
    if (link === null) throw kernelRefusal(`attaching to ${symbol} of ${path}`, libbpf.lastErrno(), takeLog());
    this.#links.push(link);
  }

  /** Makes a program one for {@link attachUprobes}; before `load`. */
  prepareForMany(programName: string): void {
    libbpf.setExpectedAttachType(this.#program(programName), multiprobe.BPF_TRACE_UPROBE_MULTI);
  }

  /**
   * Puts many breakpoints of one program in place as one link: they come and go in 0.01 to 0.03 s together, where each
   * alone takes 0.1 s to go. Needs Linux 6.6; from 6.10 on `pid` means all threads of the process.
   * @param pid the one process that gets them, or -1 for every process that maps the file now or later
   */
  attachUprobes(programName: string, points: readonly UprobePoint[], path: string, pid: number): void {
    const attributes = {
      prog_fd: libbpf.programFd(this.#program(programName)),
      target_fd: 0,
      attach_type: multiprobe.BPF_TRACE_UPROBE_MULTI,
      link_flags: 0,
      path,
      offsets: BigUint64Array.from(points, ({ fileOffset }) => BigInt(fileOffset)),
      ref_ctr_offsets: null,
      cookies: BigUint64Array.from(points, ({ cookie }) => cookie),
      cnt: points.length,
      flags: 0,
      pid: Math.max(0, pid),
      padding: 0,
    };
    const { SYS_BPF, BPF_LINK_CREATE, LINK_CREATE_BYTES } = multiprobe;
    const fd = multiprobe.createLink(SYS_BPF[process.arch] ?? -1, BPF_LINK_CREATE, attributes, LINK_CREATE_BYTES);
    if (fd < 0) throw kernelRefusal(`attaching ${points.length} probes to ${path}`, libbpf.lastErrno(), takeLog());
    this.#descriptors.push(fd);
  }

  /** Attaches a program to what its section names. */
  attach(programName: string): void {
    const link = libbpf.attach(this.#program(programName));
    if (link === null) throw kernelRefusal(`attaching ${programName}`, libbpf.lastErrno(), takeLog());
    this.#links.push(link);
  }

  /** Removes every probe; what is in a ring buffer can still be read. */
  detach(): void {
    for (const link of this.#links.splice(0).reverse()) libbpf.destroyLink(link);
    for (const descriptor of this.#descriptors.splice(0)) closeSync(descriptor);
  }

  [Symbol.dispose](): void {
    this.detach();
    for (const mapped of this.#mapped.splice(0)) mapped[Symbol.dispose]();
    libbpf.close(this.#object);
  }

  #own<T extends Disposable>(mapped: T): T {
    this.#mapped.push(mapped);
    return mapped;
  }

  #program(name: string): libbpf.NativePointer {
    return libbpf.findProgram(this.#object, name);
  }

  /** libbpf names the data maps after the object file, cut to 15 bytes: `gotape_x.rodata`. */
  #map(name: string): libbpf.NativePointer {
    for (let map = libbpf.nextMap(this.#object, null); map !== null; map = libbpf.nextMap(this.#object, map)) {
      const found = libbpf.mapName(map);
      if (found === name || (name.startsWith('.') && found.endsWith(name))) return map;
    }
    throw new Error(`map ${name}: not in ${this.#path}`);
  }

  #check(action: string, result: number): void {
    if (result < 0) throw kernelRefusal(action, -result, takeLog());
  }
}

/** `struct bpf_uprobe_opts` of bpf/libbpf.h up to `bpf_cookie`; its first word is its size. */
function uprobeOptions(cookie: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(24n, 0n, cookie).buffer);
}

function roundToPages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}
