/** The compiled BPF programs, loaded and attached: ownership above the bindings. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UserError } from '../base/errors.js';
import type { ProbePoint } from '../goexe/go-executable.js';
import { type BpfLayout, CONTROL, COUNTERS_BYTES, LAYOUT_FIELDS, PROGRAM_BY_SYMBOL } from './bpf-layout.js';
import * as libbpf from './libbpf-bindings.js';
import { takeLog } from './libbpf-log.js';
import { type MappedMemory, mapMemory, pageBytes } from './mapped-memory.js';
import { kernelRefusal } from './privileges.js';
import { RingBuffer } from './ring-buffer.js';

/** dist/bpf, seen from src/capture as well as from dist/capture. */
const objectPath = fileURLToPath(new URL(`../../dist/bpf/gotape-${process.arch}.bpf.o`, import.meta.url));

export interface BpfOptions {
  readonly layout: BpfLayout;
  /** Bytes of the ring buffer, a power of two and a multiple of the page size. */
  readonly bufferBytes: number;
}

export class BpfObject implements Disposable {
  readonly ring: RingBuffer;
  /** One `struct gotape_counters` per possible CPU. */
  readonly counters: MappedMemory;
  /** `struct gotape_control`. */
  readonly control: MappedMemory;
  readonly cpus: number;
  readonly #object: libbpf.NativePointer;
  readonly #links: libbpf.NativePointer[] = [];

  /** Loads the programs. @throws UserError with the kernel's reason and a remedy. */
  constructor(options: BpfOptions) {
    this.#object = openObject();
    this.cpus = libbpf.possibleCpus();
    const map = (name: string) => findMap(this.#object, name);
    libbpf.setMaxEntries(map('events'), options.bufferBytes);
    libbpf.setMaxEntries(map('counters'), this.cpus);
    const constants = Uint32Array.from(LAYOUT_FIELDS, (field) => options.layout[field]);
    check(
      'setting the constants',
      libbpf.setInitialValue(map('.rodata'), new Uint8Array(constants.buffer), constants.byteLength),
    );
    check('loading the BPF programs', libbpf.load(this.#object));
    this.ring = new RingBuffer(libbpf.mapFd(map('events')), options.bufferBytes);
    const counterBytes = roundToPages(this.cpus * COUNTERS_BYTES);
    this.counters = mapMemory('counters', libbpf.mapFd(map('counters')), 0, counterBytes, 'read');
    this.control = mapMemory('control', libbpf.mapFd(map('.bss')), 0, pageBytes, 'write');
  }

  /**
   * Puts a breakpoint on a probe point of the executable at `path`.
   * @param pid the one process that gets it, or -1 for every process that maps this file now or later
   */
  attach(point: ProbePoint, path: string, pid: number): void {
    this.attachProgram(PROGRAM_BY_SYMBOL[point.symbol], point.fileOffset, path, pid, point.symbol);
  }

  attachProgram(programName: string, fileOffset: number, path: string, pid: number, symbol: string): void {
    const program = libbpf.findProgram(this.#object, programName);
    const link = libbpf.attachUprobe(program, pid, path, fileOffset, null);
    if (link === null) throw kernelRefusal(`attaching to ${symbol} of ${path}`, libbpf.lastErrno(), takeLog());
    this.#links.push(link);
  }

  /** Lets hits become events, or stops that at once: attaching and detaching takes the kernel 0.1 s a probe. */
  enable(on: boolean): void {
    Atomics.store(new Uint32Array(this.control.buffer, CONTROL.enabled, 1), 0, on ? 1 : 0);
  }

  /** Removes every breakpoint; what is in the ring can still be read. */
  detach(): void {
    for (const link of this.#links.splice(0).reverse()) libbpf.destroyLink(link);
  }

  [Symbol.dispose](): void {
    this.detach();
    this.ring[Symbol.dispose]();
    this.counters[Symbol.dispose]();
    this.control[Symbol.dispose]();
    libbpf.close(this.#object);
  }
}

function openObject(): libbpf.NativePointer {
  if (!existsSync(objectPath)) {
    throw new UserError(
      `BPF programs: ${objectPath} is missing; gotape ships them for x64 and arm64, this is ${process.arch}`,
    );
  }
  const object = libbpf.openFile(objectPath, null);
  if (object === null) throw kernelRefusal(`opening ${objectPath}`, libbpf.lastErrno(), takeLog());
  return object;
}

/** libbpf names the data map after the object file, cut to 15 bytes: `gotape_x.rodata`. */
function findMap(object: libbpf.NativePointer, name: string): libbpf.NativePointer {
  for (let map = libbpf.nextMap(object, null); map !== null; map = libbpf.nextMap(object, map)) {
    const found = libbpf.mapName(map);
    if (found === name || (name.startsWith('.') && found.endsWith(name))) return map;
  }
  throw new Error(`map ${name}: not in ${objectPath}`);
}

function check(action: string, result: number): void {
  if (result < 0) throw kernelRefusal(action, -result, takeLog());
}

function roundToPages(bytes: number): number {
  return Math.ceil(bytes / pageBytes) * pageBytes;
}
