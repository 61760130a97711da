/** Stacks that the kernel defined, symbolized: each one once, whatever number of rows names it. */
import type { SourceLocation } from '../goexe/go-executable.js';
import type { FrameInfo, StackInfo } from '../model/stack.js';
import { NO_STACK } from '../model/transition-batch.js';
import type { StackRecord } from './description-records.js';

/** Where the frames of every goroutine end; Go's tracebacks do not show it either. */
const ROOT = 'runtime.goexit';

/**
 * Functions in which the change of state itself is made. Which of them are on the stack then depends on the Go release: the
 * stack of a system call begins with who made it.
 */
const CHANGERS: ReadonlySet<string> = new Set(['runtime.casgstatus', 'runtime.reentersyscall', 'runtime.entersyscall']);

/** What calls deferred functions when a program panics: a wrapper that they call stays, as in Go's tracebacks. */
const PANICS: ReadonlySet<string> = new Set(['runtime.gopanic', 'runtime.sigpanic', 'runtime.panicwrap']);

export interface StackSymbols {
  /** The call that returns to an address: inlined calls first, the function itself last. Empty outside of Go code. */
  callsAt(returnAddress: number): readonly SourceLocation[];
}

/** A frame, made when a stack shows it. */
interface Place {
  readonly location: SourceLocation;
  readonly inlined: boolean;
}

export class StackRegistry {
  readonly #symbolsOf: (pid: number) => StackSymbols;
  readonly #idByHash = new Map<number, number>();
  readonly #idByFrames = new Map<string, number>();
  readonly #idByPlace = new Map<string, number>();
  readonly #placesByPc = new Map<string, readonly Place[]>();
  #frames: FrameInfo[] = [];
  #stacks: StackInfo[] = [];

  constructor(symbolsOf: (pid: number) => StackSymbols) {
    this.#symbolsOf = symbolsOf;
  }

  /** Of a stack that was defined; {@link NO_STACK} of any other, and of one in which no Go function was found. */
  idOf(hash: number): number {
    return this.#idByHash.get(hash) ?? NO_STACK;
  }

  define({ pid, hash, pcs, rooted }: StackRecord): void {
    if (this.#idByHash.has(hash)) return;
    const { places, isWhole } = this.#goPlaces(pid, pcs);
    const root = places.at(-1)?.location.function === ROOT;
    const shown = places.slice(0, root ? -1 : undefined).filter(isShown);
    const frames = shown.map((place) => this.#frameOf(place));
    this.#idByHash.set(hash, this.#stackOf(frames, !(root && isWhole && rooted)));
  }

  /** Hands over what was defined since the last call. */
  take(): { frames?: readonly FrameInfo[]; stacks?: readonly StackInfo[] } {
    const frames = this.#frames.splice(0);
    const stacks = this.#stacks.splice(0);
    return { ...(frames.length > 0 ? { frames } : {}), ...(stacks.length > 0 ? { stacks } : {}) };
  }

  /** Up to the first one outside of Go code: what a frame pointer of C leads to is not known. */
  #goPlaces(pid: number, pcs: readonly number[]): { readonly places: Place[]; readonly isWhole: boolean } {
    const all: Place[] = [];
    for (const pc of pcs) {
      const places = this.#placesAt(pid, pc);
      if (places.length === 0) return { places: all, isWhole: false };
      if (all.length > 0 || !CHANGERS.has(places.at(-1)!.location.function)) all.push(...places);
    }
    return { places: all, isWhole: true };
  }

  #stackOf(frames: readonly number[], truncated: boolean): number {
    if (frames.length === 0) return NO_STACK;
    const key = `${frames.join(',')}${truncated ? '…' : ''}`;
    const known = this.#idByFrames.get(key);
    if (known !== undefined) return known;
    const id = this.#idByFrames.size + 1;
    this.#idByFrames.set(key, id);
    this.#stacks.push({ id, frames, truncated });
    return id;
  }

  #placesAt(pid: number, pc: number): readonly Place[] {
    const key = `${pid}:${pc}`;
    let places = this.#placesByPc.get(key);
    if (places === undefined) {
      const calls = this.#symbolsOf(pid).callsAt(pc);
      places = calls.map((location, i) => ({ location, inlined: i < calls.length - 1 }));
      this.#placesByPc.set(key, places);
    }
    return places;
  }

  #frameOf({ location: { function: name, file, line }, inlined }: Place): number {
    const key = `${name}\0${file}\0${line}\0${inlined}`;
    let id = this.#idByPlace.get(key);
    if (id === undefined) {
      id = this.#idByPlace.size + 1;
      this.#idByPlace.set(key, id);
      this.#frames.push({ id, function: name, file, line, inlined });
    }
    return id;
  }
}

/** As `elideWrapperCalling` in runtime/traceback.go. */
function isShown({ location }: Place, i: number, places: readonly Place[]): boolean {
  return !location.isWrapper || PANICS.has(places[i - 1]?.location.function ?? '');
}
