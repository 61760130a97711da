/**
 * Two tracers' views of one goroutine, change by change. Where both know it, they must name the same states in the same
 * order; what is left to compare is when each saw them.
 */
import type { NamedSpan, SpanList } from './span-list.js';

export interface Pair {
  readonly tape: NamedSpan;
  readonly go: NamedSpan;
  /** False for the first one, whose beginning one of the two may not have seen. */
  readonly begun: boolean;
}

export interface Alignment {
  /** The same stretches, in order. */
  readonly pairs: readonly Pair[];
  /** System calls at whose end Go names a wait for a P, and the goroutine's state never was runnable. */
  readonly quickP: number;
  /** The first place where the two contradict each other; empty when they do not. */
  readonly difference: string;
}

/** Spans of Go's that are tried as the first common one. */
const ANCHORS = 8;

/** Undefined when the two have nothing in common, as when the goroutine lived outside of one of the recordings. */
export function alignSpans(tape: SpanList, go: SpanList): Alignment | undefined {
  let best = { i: 0, k: 0, distance: Number.POSITIVE_INFINITY };
  for (let k = 0; k < Math.min(ANCHORS, go.length); k++) {
    for (let i = 0; i < tape.length && tape[i]!.startNs <= go[k]!.endNs; i++) {
      if (tape[i]!.state !== go[k]!.state || tape[i]!.endNs < go[k]!.startNs) continue;
      const distance = Math.abs(tape[i]!.startNs - go[k]!.startNs) + Math.abs(tape[i]!.endNs - go[k]!.endNs);
      if (distance < best.distance) best = { i, k, distance };
    }
  }
  return best.distance === Number.POSITIVE_INFINITY ? undefined : new Walk(tape, go, best.i, best.k).toTheEnd();
}

class Walk {
  private readonly pairs: Pair[] = [];
  private quickP = 0;
  private readonly tape: SpanList;
  private readonly go: SpanList;
  private i: number;
  private k: number;

  constructor(tape: SpanList, go: SpanList, i: number, k: number) {
    this.tape = tape;
    this.go = go;
    this.i = i;
    this.k = k;
  }

  toTheEnd(): Alignment {
    for (; this.i < this.tape.length && this.k < this.go.length; this.i++, this.k++) {
      const tape = this.tape[this.i]!;
      const go = this.takeGo(tape);
      if (tape.state !== go.state) return this.result(this.describe());
      this.pairs.push({ tape, go, begun: this.pairs.length > 0 });
    }
    return this.result('');
  }

  private result(difference: string): Alignment {
    return { pairs: this.pairs, quickP: this.quickP, difference };
  }

  /**
   * The P was lost during a system call, and one was free at its end: exitsyscall tells the tracer "blocked" and then
   * "started", without that the goroutine's state becomes runnable in between.
   */
  private takeGo(tape: NamedSpan): NamedSpan {
    const theirs = this.go[this.k]!;
    const next = this.go[this.k + 1];
    const isQuick =
      tape.state === 'execution' &&
      this.go[this.k - 1]?.state === 'syscall' &&
      theirs.state === 'sched wait' &&
      next?.state === 'execution';
    if (!isQuick) return theirs;
    this.k++;
    this.quickP++;
    return { ...next, startNs: theirs.startNs };
  }

  private describe(): string {
    const text = (spans: SpanList, at: number) =>
      spans
        .slice(Math.max(0, at - 2), at + 3)
        .map(({ startNs, endNs, state }) => `${state} (${startNs}, ${endNs - startNs} ns)`)
        .join(' > ');
    return `Go: ${text(this.go, this.k)}; gotape: ${text(this.tape, this.i)}`;
  }
}
