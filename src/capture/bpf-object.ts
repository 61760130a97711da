/** The BPF programs that record changes of goroutine state, loaded and attached. */
import type { ProbePoint } from '../goexe/go-executable.js';
import { BpfFile } from './bpf-file.js';
import { type BpfLayout, CONTROL, LAYOUT_FIELDS, PROGRAM_BY_SYMBOL } from './bpf-layout.js';
import type { MappedMemory } from './mapped-memory.js';
import type { RingBuffer } from './ring-buffer.js';

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
  readonly #file: BpfFile;

  /** Loads the programs. @throws UserError with the kernel's reason and a remedy. */
  constructor(options: BpfOptions) {
    this.#file = new BpfFile('gotape');
    try {
      this.cpus = this.#file.cpus;
      this.#file.setMaxEntries('events', options.bufferBytes);
      this.#file.setMaxEntries('counters', this.cpus);
      if (options.layout.stacks === 0) this.#file.setMaxEntries('defined_stacks', 1);
      this.#file.setConstants(Uint32Array.from(LAYOUT_FIELDS, (field) => options.layout[field]));
      this.#file.load();
      this.ring = this.#file.mapRing('events', options.bufferBytes);
      this.counters = this.#file.mapCounters();
      this.control = this.#file.mapControl();
    } catch (error) {
      this.#file[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Puts a breakpoint on a probe point of the executable at `path`.
   * @param pid the one process that gets it, or -1 for every process that maps this file now or later
   */
  attach(point: ProbePoint, path: string, pid: number): void {
    this.attachProgram(PROGRAM_BY_SYMBOL[point.symbol], point.fileOffset, path, pid, point.symbol);
  }

  attachProgram(programName: string, fileOffset: number, path: string, pid: number, symbol: string): void {
    this.#file.attachUprobe(programName, fileOffset, path, pid, symbol);
  }

  /** Lets hits become events, or stops that at once: attaching and detaching takes the kernel 0.1 s a probe. */
  enable(on: boolean): void {
    Atomics.store(new Uint32Array(this.control.buffer, CONTROL.enabled, 1), 0, on ? 1 : 0);
  }

  /** Removes every breakpoint; what is in the ring can still be read. */
  detach(): void {
    this.#file.detach();
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
