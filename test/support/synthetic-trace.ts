/** Legal transitions in any number, as a busy server makes them: for benchmarks and for tests of scale. */
import { GoState } from '../../src/model/go-state.js';
import type { TraceSegment, TraceSource } from '../../src/model/trace-segment.js';
import { NO_P } from '../../src/model/transition-batch.js';
import { WakeSource } from '../../src/model/wake-source.js';
import { emptyFacts, MutableBatch } from './text-trace.js';

const { runnable, running, syscall, waiting, dead, copystack } = GoState;
const REASONS = ['', 'chan receive', 'select', 'IO wait', 'sync.Mutex.Lock', 'GC assist marking'];
const EXECUTING = 5;

export interface SyntheticOptions {
  readonly goroutines: number;
  readonly segments: number;
  readonly rowsPerSegment: number;
  readonly seed?: number;
}

/** A source whose segments are made beforehand and can be read again and again. */
export function syntheticTrace(options: SyntheticOptions): TraceSource {
  const machine = new Machine(options.goroutines, options.seed ?? 1);
  const segments: TraceSegment[] = [];
  for (let index = 0; index < options.segments; index++) {
    const transitions = new MutableBatch(options.rowsPerSegment);
    for (let row = 0; row < options.rowsPerSegment; row++) machine.step(transitions, row);
    segments.push({ index, transitions, goroutines: [], gaps: [] });
  }
  return {
    facts: emptyFacts,
    reasons: REASONS,
    endNs: machine.now + 1000,
    async *segments() {
      yield* segments;
    },
  };
}

class Machine {
  now = 0;
  private readonly states: Uint8Array;
  private readonly reasons: Uint8Array;
  private readonly goids: Float64Array;
  private nextGoid: number;
  private seed: number;

  constructor(goroutines: number, seed: number) {
    this.states = new Uint8Array(goroutines).fill(dead);
    this.reasons = new Uint8Array(goroutines);
    this.goids = new Float64Array(goroutines).map((_, index) => index + 1);
    this.nextGoid = goroutines + 1;
    this.seed = seed;
  }

  step(batch: MutableBatch, row: number): void {
    this.now += 50 + (this.random() % 2000);
    const who = this.random() % this.states.length;
    const from = this.states[who]!;
    const to = this.after(who, from);
    batch.timeNs[row] = this.now;
    batch.goid[row] = this.goids[who]!;
    batch.pid[row] = 4242;
    batch.tid[row] = 4242 + (who & 7);
    batch.cpu[row] = who & 3;
    batch.p[row] = to === running ? who & 3 : NO_P;
    batch.from[row] = from;
    batch.to[row] = to;
    batch.reason[row] = to === waiting ? this.reasons[who]! : 0;
    const woken = to === runnable && from !== running;
    batch.waker[row] = woken ? this.goids[this.random() % this.states.length]! : 0;
    batch.wakeSource[row] = woken ? WakeSource.goroutine : WakeSource.none;
    this.states[who] = to;
    if (to === dead) this.goids[who] = this.nextGoid++;
  }

  private after(who: number, from: number): number {
    if (from === dead) return runnable;
    if (from === waiting) return this.reasons[who] === EXECUTING ? running : runnable;
    if (from !== running) return running;
    const roll = this.random() % 1000;
    if (roll < 5) return dead;
    if (roll < 10) return copystack;
    if (roll < 150) return runnable;
    if (roll < 450) return syscall;
    this.reasons[who] = 1 + (this.random() % (REASONS.length - 1));
    return waiting;
  }

  /** xorshift32: the same trace on every machine. */
  private random(): number {
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    return this.seed >>> 0;
  }
}
