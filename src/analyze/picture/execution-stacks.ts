import { type Span, SpanKind } from '../../model/span.js';
import type { GoroutineDirectory } from '../../model/span-sink.js';
import type { StackDirectory } from '../../model/stack-directory.js';
import { NO_STACK } from '../../model/transition-batch.js';
import type { StackFrame } from '../sections.js';
import { framesOf } from '../stack-frames.js';
import type { ExecutionStacks } from './picture.js';

const STACKS_MAX = 400;
const FUNCTIONS_MAX = 50;

/** Adds execution time up until the next stack that the goroutine shows. */
export class ExecutionStackSum {
  readonly #goroutines: GoroutineDirectory;
  readonly #stacks: StackDirectory;
  /** Execution time of each goroutine since its last stack. */
  readonly #pendingNs: number[] = [];
  readonly #byStack = new Map<number, { ns: number; count: number }>();
  readonly #withoutStack = new Map<string, number>();

  constructor(goroutines: GoroutineDirectory, stacks: StackDirectory) {
    this.#goroutines = goroutines;
    this.#stacks = stacks;
  }

  span({ goroutine, kind, stack, startNs, endNs }: Span): void {
    if (kind === SpanKind.running) {
      this.#pendingNs[goroutine] = (this.#pendingNs[goroutine] ?? 0) + endNs - startNs;
    } else if ((kind === SpanKind.waiting || kind === SpanKind.syscall) && stack !== NO_STACK) {
      const sum = this.#byStack.get(stack) ?? { ns: 0, count: 0 };
      sum.ns += this.#pendingNs[goroutine] ?? 0;
      sum.count++;
      this.#byStack.set(stack, sum);
      this.#pendingNs[goroutine] = 0;
    }
  }

  /** What is left of a goroutine that exits, or of all when the trace ends. */
  end(goroutine: number): void {
    const ns = this.#pendingNs[goroutine] ?? 0;
    if (ns === 0) return;
    const name = this.#goroutines.infoOf(goroutine)?.startFunction ?? '';
    this.#withoutStack.set(name, (this.#withoutStack.get(name) ?? 0) + ns);
    this.#pendingNs[goroutine] = 0;
  }

  result(): ExecutionStacks {
    for (const goroutine of this.#pendingNs.keys()) this.end(goroutine);
    const sorted = [...this.#byStack].sort(([, a], [, b]) => b.ns - a.ns);
    const rest = sorted.slice(STACKS_MAX);
    const table = new FrameTable();
    const list = sorted
      .slice(0, STACKS_MAX)
      .map(([stack, sum]) => ({ frames: framesOf(this.#stacks, stack).map((frame) => table.indexOf(frame)), ...sum }));
    return {
      frames: table.frames,
      list,
      omittedNs: rest.reduce((total, [, { ns }]) => total + ns, 0),
      withoutStack: [...this.#withoutStack]
        .map(([startFunction, ns]) => ({ startFunction, ns }))
        .sort((a, b) => b.ns - a.ns)
        .slice(0, FUNCTIONS_MAX),
    };
  }
}

class FrameTable {
  readonly frames: StackFrame[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(frame: StackFrame): number {
    const key = JSON.stringify(frame);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.frames.push(frame) - 1;
      this.#indexes.set(key, index);
    }
    return index;
  }
}
