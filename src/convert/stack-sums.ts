/**
 * Time and number of stays in a state, by the stack at which the goroutine stood: what profiles are made of. Memory
 * depends on the number of stacks, not on the length of the trace.
 */
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { FrameInfo } from '../model/stack.js';
import type { TraceSegment } from '../model/trace-segment.js';
import { NO_STACK } from '../model/transition-batch.js';
import { ExactSum } from './exact-sum.js';
import { StackTable } from './stack-table.js';

/** Where time went: Go's words. */
export const MEASURES = [
  { kind: SpanKind.waiting, name: 'block time' },
  { kind: SpanKind.runnable, name: 'sched wait time' },
  { kind: SpanKind.syscall, name: 'syscall time' },
  { kind: SpanKind.running, name: 'execution time' },
  { kind: SpanKind.preempted, name: 'preempted time' },
] as const;
export type Measure = (typeof MEASURES)[number];

/** A function in a profile; of a frame that stands for something else only the name. */
export type ProfileFrame = Pick<FrameInfo, 'function' | 'file' | 'line' | 'inlined'> & { readonly id?: number };

export interface StackSum {
  /** A goroutine, or {@link EVERYBODY}. */
  readonly owner: number;
  readonly kind: SpanKind;
  /** Index into the trace's reasons; 0 is none. */
  readonly reason: number;
  readonly place: Place;
  stays: number;
  readonly ns: ExactSum;
}

export const EVERYBODY = -1;

/** A stack, or what is known where none was recorded. */
export interface Place {
  readonly stack: number;
  readonly startFunction: string;
}

const UNKNOWN_START = '(unknown goroutine)';
const REASON_BITS = 16;
const KIND_BITS = 3;
const PLACE_STEP = 2 ** (REASON_BITS + KIND_BITS);

export class StackSums {
  readonly #stacks = new StackTable();
  readonly #goroutines: GoroutineDirectory;
  #sums = new Map<number, Map<number, StackSum>>();
  #size = 0;
  /** Numbers of places: of stacks, of start functions without one. */
  readonly #places: Place[] = [];
  readonly #placeByStack = new Map<number, number>();
  readonly #placeByFunction = new Map<string, number>();
  /** By goroutine: the last place where it stood. */
  readonly #lastStack: number[] = [];

  constructor(goroutines: GoroutineDirectory) {
    this.#goroutines = goroutines;
  }

  get size(): number {
    return this.#size;
  }

  segment(segment: TraceSegment): void {
    this.#stacks.add(segment);
  }

  /** Number of the place where the goroutine stands in this span. Call once for each span, in order. */
  placeOf({ goroutine, kind, stack }: Pick<Span, 'goroutine' | 'kind' | 'stack'>): number {
    const isWoken = kind === SpanKind.runnable && stack === NO_STACK;
    // Woken, it is still there where it blocked. Executing, it moves.
    const here = isWoken ? (this.#lastStack[goroutine] ?? NO_STACK) : kind === SpanKind.running ? NO_STACK : stack;
    this.#lastStack[goroutine] = here;
    return here === NO_STACK ? this.#placeWithout(goroutine) : this.#placeAt(here, goroutine);
  }

  /** Returns the number of the place. */
  add(span: Span, owner = EVERYBODY): number {
    const { kind, reason, startNs, endNs } = span;
    const place = this.placeOf(span);
    const sum = this.#of(owner, place, kind, reason);
    sum.stays++;
    sum.ns.add(endNs - startNs);
    return place;
  }

  #of(owner: number, place: number, kind: SpanKind, reason: number): StackSum {
    const why = kind === SpanKind.waiting ? reason : 0;
    const key = place * PLACE_STEP + why * 2 ** KIND_BITS + kind;
    const sums = this.#ofOwner(owner);
    const known = sums.get(key);
    if (known !== undefined) return known;
    const sum = { owner, kind, reason: why, place: this.#places[place]!, stays: 0, ns: new ExactSum() };
    sums.set(key, sum);
    this.#size++;
    return sum;
  }

  all(): readonly StackSum[] {
    return [...this.#sums.values()].flatMap((sums) => [...sums.values()]);
  }

  /** Adds up what was kept by goroutine. */
  mergeOwners(): void {
    const before = this.#sums;
    this.#sums = new Map();
    this.#size = 0;
    const merged = this.#ofOwner(EVERYBODY);
    for (const sums of before.values()) {
      for (const [key, { kind, reason, place, stays, ns }] of sums) {
        const sum = merged.get(key) ?? { owner: EVERYBODY, kind, reason, place, stays: 0, ns: new ExactSum() };
        sum.stays += stays;
        sum.ns.addAll(ns);
        merged.set(key, sum);
      }
    }
    this.#size = merged.size;
  }

  place(number: number): Place {
    return this.#places[number]!;
  }

  /** The innermost first; the start function alone where no stack was recorded. */
  framesOf({ stack, startFunction }: Place): readonly ProfileFrame[] {
    return this.#stacks.framesOf(stack) ?? [ownFrame(startFunction === '' ? UNKNOWN_START : startFunction)];
  }

  #ofOwner(owner: number): Map<number, StackSum> {
    const known = this.#sums.get(owner);
    if (known !== undefined) return known;
    const sums = new Map<number, StackSum>();
    this.#sums.set(owner, sums);
    return sums;
  }

  #placeAt(stack: number, goroutine: number): number {
    const known = this.#placeByStack.get(stack);
    if (known !== undefined) return known;
    if (this.#stacks.framesOf(stack) === undefined) return this.#placeWithout(goroutine);
    const number = this.#places.push({ stack, startFunction: '' }) - 1;
    this.#placeByStack.set(stack, number);
    return number;
  }

  #placeWithout(goroutine: number): number {
    const startFunction = this.#goroutines.infoOf(goroutine)?.startFunction ?? '';
    const known = this.#placeByFunction.get(startFunction);
    if (known !== undefined) return known;
    const number = this.#places.push({ stack: NO_STACK, startFunction }) - 1;
    this.#placeByFunction.set(startFunction, number);
    return number;
  }
}

/** A frame that no stack has. */
export function ownFrame(name: string): ProfileFrame {
  return { function: name, file: '', line: 0, inlined: false };
}
