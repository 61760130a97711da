/** Names for addresses of the recorded processes, resolved while recording: the trace needs no executable later. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { GoExecutable } from '../goexe/go-executable.js';
import { WakeSource } from '../model/wake-source.js';
import { readLoadBias } from './proc.js';

/** Functions that call casgstatus(waiting→runnable) on a thread that runs no goroutine, and what they act for. */
const SOURCE_BY_CALLER: ReadonlyMap<string, number> = new Map([
  ['runtime.ready', WakeSource.timer],
  ['runtime.injectglist', WakeSource.netpoll],
  ['runtime.findRunnable', WakeSource.netpoll],
  ['runtime.(*gcControllerState).findRunnableGCWorker', WakeSource.gc],
]);

/** Start function and creation site of one goroutine; empty strings when unknown. */
export interface Origin {
  readonly startFunction: string;
  readonly createdBy: string;
}
const UNKNOWN: Origin = { startFunction: '', createdBy: '' };

/** One recorded process. */
export class ProcessSymbols implements Disposable {
  readonly #exe: GoExecutable;
  readonly #bias: number | undefined;
  readonly #memory: number | undefined;
  readonly #names = new Map<number, string>();
  readonly #sites = new Map<number, string>();
  readonly #sources = new Map<number, number>();

  constructor(exe: GoExecutable, pid: number) {
    this.#exe = exe;
    this.#bias = exe.positionIndependent ? readLoadBias(pid, exe.firstLoad) : 0;
    this.#memory = openMemory(pid);
  }

  /** What a creation's event told. */
  originOf(startPc: number, goPc: number): Origin {
    return { startFunction: this.#startFunction(startPc), createdBy: this.#creationSite(goPc) };
  }

  /**
   * Of a goroutine that ran already: from its `g`, read from the process' memory, if that g still is the goroutine.
   * @param g address of the runtime.g
   */
  originInMemory(g: number, goid: number): Origin {
    const { layout } = this.#exe;
    const fields = [layout['g.goid'].offset, layout['g.startpc'].offset, layout['g.gopc'].offset] as const;
    const first = Math.min(...fields);
    const bytes = Buffer.alloc(Math.max(...fields) + 8 - first);
    if (!this.#readMemory(bytes, g + first)) return UNKNOWN;
    const [id, startPc, goPc] = fields.map((field) => Number(bytes.readBigUInt64LE(field - first)));
    return id === goid ? this.originOf(startPc!, goPc!) : UNKNOWN;
  }

  /** `WakeSource` of a wake-up by a thread that runs no goroutine. */
  wakeSource(returnAddress: number): number {
    let source = this.#sources.get(returnAddress);
    if (source === undefined) {
      source = SOURCE_BY_CALLER.get(this.functionName(returnAddress)) ?? WakeSource.scheduler;
      this.#sources.set(returnAddress, source);
    }
    return source;
  }

  /** Name of the function that holds an address of the process; empty outside of Go code. */
  functionName(address: number): string {
    if (this.#bias === undefined) return '';
    return this.#exe.functionAt(address - this.#bias)?.name ?? '';
  }

  #startFunction(startPc: number): string {
    let name = this.#names.get(startPc);
    if (name === undefined) {
      name = this.#bias === undefined ? '' : (this.#exe.startFunctionAt(startPc - this.#bias)?.name ?? '');
      this.#names.set(startPc, name);
    }
    return name;
  }

  /** `gopc` is the return address of the go statement's call: the byte before it lies in that statement. */
  #creationSite(goPc: number): string {
    let site = this.#sites.get(goPc);
    if (site === undefined) {
      const at = this.#bias === undefined || goPc === 0 ? undefined : this.#exe.symbolize(goPc - this.#bias - 1);
      site = at ? `${at.function} ${at.file}:${at.line}` : '';
      this.#sites.set(goPc, site);
    }
    return site;
  }

  #readMemory(into: Buffer, address: number): boolean {
    if (this.#memory === undefined) return false;
    try {
      return readSync(this.#memory, into, 0, into.length, address) === into.length;
    } catch {
      return false; // the process has ended, or the page is gone
    }
  }

  [Symbol.dispose](): void {
    if (this.#memory !== undefined) closeSync(this.#memory);
  }
}

function openMemory(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return undefined;
  }
}
