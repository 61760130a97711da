/** One goroutine as an evented profile of speedscope: frames that open and close, without overlaps. */
import { JsonBytes, jsonLiteral } from './json-bytes.js';

const OPEN = jsonLiteral('{"type":"O","frame":');
const CLOSE = jsonLiteral('{"type":"C","frame":');
const AT = jsonLiteral(',"at":');
const END = jsonLiteral('}');
const COMMA = jsonLiteral(',');
const FIRST_BYTES = 256;

export class GoroutineEvents {
  readonly #out = new JsonBytes(FIRST_BYTES);
  #stack: readonly number[] = [];
  #isFirst = true;
  #lastNs: number;
  readonly startNs: number;

  constructor(startNs: number) {
    this.startNs = this.#lastNs = startNs;
  }

  /** The goroutine is at this stack of frames, the outermost first. Spans come in order, and time between them is not shown. */
  span(stack: readonly number[], startNs: number, endNs: number): void {
    if (startNs > this.#lastNs) this.#become([], this.#lastNs);
    this.#become(stack, startNs);
    this.#lastNs = endNs;
  }

  #become(stack: readonly number[], atNs: number): void {
    let common = 0;
    while (common < stack.length && stack[common] === this.#stack[common]) common++;
    for (let i = this.#stack.length - 1; i >= common; i--) this.#event(CLOSE, this.#stack[i]!, atNs);
    for (let i = common; i < stack.length; i++) this.#event(OPEN, stack[i]!, atNs);
    this.#stack = stack;
  }

  /** The events; nothing may follow. */
  finish(): Uint8Array {
    this.#become([], this.#lastNs);
    return this.#out.written();
  }

  get endNs(): number {
    return this.#lastNs;
  }

  #event(type: Uint8Array, frame: number, atNs: number): void {
    const out = this.#out;
    out.reserve(0);
    if (!this.#isFirst) out.raw(COMMA);
    this.#isFirst = false;
    out.raw(type);
    out.uint(frame);
    out.raw(AT);
    out.uint(atNs);
    out.raw(END);
  }
}
