/** Strings and stacks of one generation of a Go trace. */
import { printable } from '../../base/text.js';
import type { FrameInfo } from '../../model/stack.js';
import type { StackTable } from '../stack-table.js';
import { WireBytes } from '../wire-bytes.js';
import { EventType, MAX_BATCH_BYTES, MAX_FRAMES, MAX_STRING_BYTES } from './event-type.js';

type Place = Pick<FrameInfo, 'function' | 'file' | 'line'>;

/** Readers tell frames apart by their program counter, which is not recorded: frames without an id get one from here on. */
const FIRST_OWN_PC = 2 ** 33;
/** Leaves room for the largest string. */
const FULL_BYTES = MAX_BATCH_BYTES - 2 * MAX_STRING_BYTES - 64;
const NO_STACK_ID = 0;

export class SymbolTables {
  readonly #stacks: StackTable;
  readonly #write: (batch: Uint8Array) => void;
  readonly #strings = new Map<string, number>();
  readonly #ids = new Map<string | number, number>();
  readonly #pcs = new Map<string, number>();
  readonly #stringBytes = new WireBytes(4096);
  readonly #stackBytes = new WireBytes(4096);
  readonly #encoder = new TextEncoder();

  /** `write` takes a batch of strings or stacks. */
  constructor(stacks: StackTable, write: (batch: Uint8Array) => void) {
    this.#stacks = stacks;
    this.#write = write;
  }

  string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const id = this.#strings.size + 1;
    this.#strings.set(text, id);
    const out = this.#stringBytes;
    if (out.length > FULL_BYTES) this.#flush(out);
    if (out.length === 0) out.byte(EventType.strings);
    const bytes = this.#encode(text);
    out.reserve();
    out.byte(EventType.string);
    out.uint(id);
    out.uint(bytes.length);
    out.raw(bytes);
    return id;
  }

  /** A recorded stack; where there is none, the start function is its only frame: certainly its outermost. */
  stack(stack: number, startFunction: string): number {
    const known = this.#ids.get(stack);
    if (known !== undefined) return known;
    const frames = this.#stacks.framesOf(stack);
    return frames === undefined ? this.start(startFunction) : this.#add(stack, shortened(frames));
  }

  /** The stack of a goroutine that has just begun. */
  start(startFunction: string): number {
    if (startFunction === '') return NO_STACK_ID;
    return this.#ids.get(startFunction) ?? this.#add(startFunction, [{ function: startFunction, file: '', line: 0 }]);
  }

  /** Of a text like `main.main main.go:7`. */
  place(text: string): number {
    if (text === '') return NO_STACK_ID;
    const [, name = text, file = '', line = '0'] = /^(.*) (\S+):(\d{1,9})$/.exec(text) ?? [];
    const key = `\n${text}`;
    return this.#ids.get(key) ?? this.#add(key, [{ function: name, file, line: Number(line) }]);
  }

  /** Writes what is left of the generation; the next one begins. */
  end(): void {
    this.#flush(this.#stringBytes);
    this.#flush(this.#stackBytes);
    this.#strings.clear();
    this.#ids.clear();
  }

  #add(key: string | number, frames: readonly (Place & { readonly id?: number })[]): number {
    const id = this.#ids.size + 1;
    this.#ids.set(key, id);
    const out = this.#stackBytes;
    if (out.length > FULL_BYTES - MAX_FRAMES * 40) this.#flush(out);
    if (out.length === 0) out.byte(EventType.stacks);
    out.reserve(frames.length * 40);
    out.byte(EventType.stack);
    out.uint(id);
    out.uint(frames.length);
    for (const frame of frames) {
      out.uint(frame.id ?? this.#pc(frame));
      out.uint(this.string(frame.function));
      out.uint(this.string(frame.file));
      out.uint(frame.line);
    }
    return id;
  }

  #pc({ function: name, file, line }: Place): number {
    const key = `${name}\n${file}\n${line}`;
    const pc = this.#pcs.get(key) ?? FIRST_OWN_PC + this.#pcs.size;
    this.#pcs.set(key, pc);
    return pc;
  }

  #encode(text: string): Uint8Array {
    const bytes = this.#encoder.encode(printable(text));
    if (bytes.length <= MAX_STRING_BYTES) return bytes;
    let end = MAX_STRING_BYTES;
    while ((bytes[end]! & 0xc0) === 0x80) end--;
    return bytes.subarray(0, end);
  }

  #flush(out: WireBytes): void {
    if (out.length > 0) this.#write(out.written());
    out.clear();
  }
}

/** Viewers name a goroutine by its outermost frame: of a stack that is too deep the middle is left out, and that is said. */
function shortened(frames: readonly FrameInfo[]): readonly (Place & { readonly id?: number })[] {
  if (frames.length <= MAX_FRAMES) return frames;
  const inner = frames.slice(0, MAX_FRAMES - 2);
  const note = { function: `(${frames.length - MAX_FRAMES + 1} frames left out)`, file: '', line: 0 };
  return [...inner, note, frames.at(-1)!];
}
