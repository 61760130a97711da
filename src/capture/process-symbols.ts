/** Names for addresses of the recorded processes, resolved while recording: the trace needs no executable later. */
import type { GoExecutable, SourceLocation } from '../goexe/go-executable.js';
import { printedName } from '../goexe/printed-name.js';
import type { Label } from '../model/trace-facts.js';
import { readLabelsInMemory } from './label-memory.js';
import { readLoadBias } from './proc.js';
import { ProcessMemory } from './process-memory.js';
import { wakeSourceOf } from './wake-sources.js';

/** Start function and creation site of one goroutine; empty strings when unknown. */
export interface Origin {
  readonly startFunction: string;
  readonly createdBy: string;
}

/** What the memory of a goroutine's g tells besides. */
export interface OriginInMemory extends Origin {
  /** 0 up to Go 1.20, and of the main goroutine. */
  readonly parentGoid: number;
  readonly labels: readonly Label[] | undefined;
}

const UNKNOWN: OriginInMemory = { startFunction: '', createdBy: '', parentGoid: 0, labels: undefined };
const NOWHERE: readonly SourceLocation[] = [];

/** One recorded process. */
export class ProcessSymbols implements Disposable {
  readonly #exe: GoExecutable;
  #bias: number | undefined;
  readonly #memory: ProcessMemory;
  readonly #names = new Map<number, string>();
  readonly #sites = new Map<number, string>();
  readonly #callers = new Map<number, string>();

  constructor(exe: GoExecutable, pid: number) {
    this.#exe = exe;
    this.#bias = exe.positionIndependent ? readLoadBias(pid, exe.firstLoad) : 0;
    this.#memory = new ProcessMemory(pid);
  }

  /** What a creation's event told. */
  originOf(startPc: number, goPc: number): Origin {
    if (this.#bias === undefined) {
      this.#bias = biasByFirstGoroutine(this.#exe, startPc, goPc);
      for (const cache of [this.#names, this.#sites, this.#callers]) cache.clear();
    }
    return { startFunction: this.#startFunction(startPc), createdBy: this.#creationSite(goPc) };
  }

  /**
   * Of a goroutine that ran already: from its `g`, read from the process' memory, if that g still is the goroutine.
   * @param g address of the runtime.g
   */
  originInMemory(g: number, goid: number): OriginInMemory {
    const { layout, goVersion } = this.#exe;
    const field = (name: 'g.goid' | 'g.startpc' | 'g.gopc' | 'g.labels' | 'g.parentGoid') => layout[name]?.offset ?? -1;
    const offsets = [field('g.goid'), field('g.startpc'), field('g.gopc'), field('g.labels'), field('g.parentGoid')];
    const known = offsets.filter((offset) => offset >= 0);
    const first = Math.min(...known);
    const bytes = this.#memory.read(g + first, Math.max(...known) + 8 - first);
    if (bytes === undefined) return UNKNOWN;
    const words = offsets.map((offset) => (offset < 0 ? 0 : Number(bytes.readBigUInt64LE(offset - first))));
    const [id, startPc, goPc, labels, parentGoid] = words as [number, number, number, number, number];
    if (id !== goid) return UNKNOWN;
    const told = readLabelsInMemory(this.#memory, labels, goVersion.minor);
    return { ...this.originOf(startPc, goPc), parentGoid, labels: told };
  }

  /** `WakeSource` of a wake-up by a thread that runs no goroutine. */
  wakeSource(returnAddress: number, reason: string): number {
    return wakeSourceOf(this.functionName(returnAddress), reason);
  }

  /** Name of the function that holds an address of the process; empty outside of Go code. */
  functionName(address: number): string {
    let name = this.#callers.get(address);
    if (name === undefined) {
      name = this.#bias === undefined ? '' : (this.#exe.functionAt(address - this.#bias)?.name ?? '');
      this.#callers.set(address, name);
    }
    return name;
  }

  /**
   * The call that returns to an address of the process: calls that were inlined there first, the function itself last.
   * The byte before a return address lies in the call. Empty outside of Go code.
   */
  callsAt(returnAddress: number): readonly SourceLocation[] {
    if (this.#bias === undefined || returnAddress === 0) return NOWHERE;
    const places = this.#exe.inlinedFrames(returnAddress - this.#bias - 1);
    return places.map((place) => ({ ...place, function: printedName(place.function) }));
  }

  #startFunction(startPc: number): string {
    let name = this.#names.get(startPc);
    if (name === undefined) {
      name = this.#bias === undefined ? '' : (this.#exe.startFunctionAt(startPc - this.#bias)?.name ?? '');
      name = printedName(name);
      this.#names.set(startPc, name);
    }
    return name;
  }

  /** `gopc` is the return address of the go statement's call. Of inlined functions the innermost one holds the statement. */
  #creationSite(goPc: number): string {
    let site = this.#sites.get(goPc);
    if (site === undefined) {
      const at = this.callsAt(goPc)[0];
      site = at ? `${at.function} ${at.file}:${at.line}` : '';
      this.#sites.set(goPc, site);
    }
    return site;
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}

const PAGE_BYTES = 4096;

/**
 * A command may be gone before anybody looks at its memory map. But it begins with a goroutine that runs runtime.main,
 * made by runtime.rt0_go (through newproc's wrapper for assembly): two addresses that must fit.
 */
export function biasByFirstGoroutine(exe: GoExecutable, startPc: number, goPc: number): number | undefined {
  if (exe.runtimeMain === undefined) return undefined;
  const bias = startPc - exe.runtimeMain;
  const creator = exe.functionAt(goPc - bias - 1)?.name ?? '';
  return bias % PAGE_BYTES === 0 && /^runtime\.(rt0_go|newproc)\b/.test(creator) ? bias : undefined;
}
