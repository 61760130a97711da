/** Legal transitions in any number, as a busy server makes them: for benchmarks and for tests of scale. */
import { GoState } from '../../src/model/go-state.js';
import type { TraceSegment, TraceSource } from '../../src/model/trace-segment.js';
import { NO_P } from '../../src/model/transition-batch.js';
import { WakeSource } from '../../src/model/wake-source.js';
import { emptyFacts, MutableBatch } from './text-trace.js';

const { runnable, running, syscall, waiting, dead, copystack } = GoState;
const REASONS = ['', 'chan receive', 'select', 'IO wait', 'sync.Mutex.Lock', 'GC assist marking'];
const EXECUTING = 5;
const PS = 4;

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

/** Four Ps that take goroutines from one queue, run them, and have them wake, block, make system calls and exit. */
class Machine {
  now = 0;
  private readonly states: Uint8Array;
  private readonly goids: number[];
  private readonly queue: number[] = [];
  private readonly onP: number[] = new Array<number>(PS).fill(-1);
  private nextGoid: number;
  private seed: number;

  constructor(goroutines: number, seed: number) {
    this.states = new Uint8Array(goroutines).fill(dead);
    this.goids = Array.from({ length: goroutines }, (_, index) => index + 1);
    this.nextGoid = goroutines + 1;
    this.seed = seed;
  }

  step(batch: MutableBatch, row: number): void {
    this.now += 50 + (this.random() % 2000);
    const p = this.random() % PS;
    const current = this.onP[p]!;
    const sleeper = this.random() % this.states.length;
    const parked = this.states[sleeper] === waiting && !this.onP.includes(sleeper);
    const asleep = parked || this.states[sleeper] === dead;
    if (asleep && (this.queue.length < PS || (current >= 0 && this.random() % 3 === 0))) {
      this.wake(batch, row, sleeper, current);
    } else if (current < 0) this.start(batch, row, p);
    else this.leave(batch, row, current, p);
  }

  private wake(batch: MutableBatch, row: number, who: number, waker: number): void {
    this.queue.push(who);
    this.write(batch, row, who, runnable);
    batch.waker[row] = waker < 0 ? 0 : this.goids[waker]!;
    batch.wakeSource[row] = waker < 0 ? WakeSource.scheduler : WakeSource.goroutine;
  }

  private start(batch: MutableBatch, row: number, p: number): void {
    const next = this.queue.shift()!;
    this.onP[p] = next;
    this.write(batch, row, next, running, p);
  }

  private leave(batch: MutableBatch, row: number, who: number, p: number): void {
    const state = this.states[who]!;
    if (state !== running) {
      this.write(batch, row, who, running, p);
      return;
    }
    const roll = this.random() % 1000;
    if (roll < 300) this.write(batch, row, who, syscall);
    else if (roll < 305) this.write(batch, row, who, copystack);
    else if (roll < 315) {
      this.write(batch, row, who, waiting);
      batch.reason[row] = EXECUTING;
    } else {
      const to = roll < 320 ? dead : roll < 400 ? runnable : waiting;
      this.onP[p] = -1;
      this.write(batch, row, who, to);
      if (to === waiting) batch.reason[row] = 1 + (this.random() % (EXECUTING - 1));
      if (to === runnable) this.queue.push(who);
      if (to === dead) this.goids[who] = this.nextGoid++;
    }
  }

  private write(batch: MutableBatch, row: number, who: number, to: number, p = NO_P): void {
    batch.timeNs[row] = this.now;
    batch.goid[row] = this.goids[who]!;
    batch.pid[row] = 4242;
    batch.tid[row] = 4242 + (who & 7);
    batch.cpu[row] = p & 3;
    batch.p[row] = p;
    batch.from[row] = this.states[who]!;
    batch.to[row] = to;
    this.states[who] = to;
  }

  /** xorshift32: the same trace on every machine. */
  private random(): number {
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    return this.seed >>> 0;
  }
}
