/** Reads the per-CPU counters of the BPF programs and locates losses in time. */
import { COUNTERS, COUNTERS_BYTES } from './bpf-layout.js';
import type { MappedMemory } from './mapped-memory.js';

const TOTALS = ['hits', 'paired', 'submitted', 'dropped', 'faulted', 'filtered', 'partial'] as const;
export type CounterTotals = Record<(typeof TOTALS)[number], number>;

/** A loss, in CLOCK_MONOTONIC ns. */
export interface LocatedLoss {
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly lost: number;
  readonly why: string;
  /** What was lost, when it is not changes of state. */
  readonly stream?: string;
}

/** Records that describe events or goroutines, by what they are called in gaps. */
const DESCRIPTIONS = [
  ['stacks_lost', 'stacks'],
  ['labels_lost', 'labels'],
] as const;
type Counter = 'dropped' | 'faulted' | (typeof DESCRIPTIONS)[number][0];

const WORDS = COUNTERS_BYTES / 8;
const word = (name: keyof typeof COUNTERS) => COUNTERS[name] / 8;

export class LossCounters {
  readonly #words: BigUint64Array;
  readonly #epoch: BigUint64Array;
  readonly #known: Record<Counter, bigint[]>;
  #readNs: bigint;
  readonly #cpus: number;

  /** @param nowNs CLOCK_MONOTONIC before the programs are attached */
  constructor(counters: MappedMemory, control: MappedMemory, cpus: number, nowNs: bigint) {
    this.#cpus = cpus;
    this.#words = new BigUint64Array(counters.buffer, 0, cpus * WORDS);
    this.#epoch = new BigUint64Array(control.buffer, 0, 1);
    const zeros = () => new Array<bigint>(cpus).fill(0n);
    this.#known = { dropped: zeros(), faulted: zeros(), stacks_lost: zeros(), labels_lost: zeros() };
    this.#readNs = nowNs;
  }

  totals(): CounterTotals {
    const sums = { hits: 0, paired: 0, submitted: 0, dropped: 0, faulted: 0, filtered: 0, partial: 0 };
    for (const name of TOTALS) {
      for (let cpu = 0; cpu < this.#cpus; cpu++) sums[name] += Number(this.#word(cpu, word(name)));
    }
    return sums;
  }

  /**
   * Losses since the last call.
   *
   * 1. The epoch counts up first: a loss from now on restarts `loss_first_ns`, so that the next call sees its own.
   * 2. Then counts and times are read. Where a loss slipped in after step 1, the first time is that of the new epoch:
   *    the range then starts at the previous call, which is earlier and so still holds every loss.
   */
  takeLosses(nowNs: bigint): LocatedLoss[] {
    const epoch = this.#epoch[0]! + 1n;
    Atomics.store(this.#epoch, 0, epoch);
    const losses: LocatedLoss[] = [];
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      this.#takeDescriptions(cpu, nowNs, losses);
      const dropped = this.#delta(cpu, 'dropped');
      const faulted = this.#delta(cpu, 'faulted');
      if (dropped + faulted === 0) continue;
      const first = this.#word(cpu, word('loss_first_ns'));
      const fromNs = this.#word(cpu, word('loss_epoch')) === epoch || first < this.#readNs ? this.#readNs : first;
      const last = this.#word(cpu, word('loss_last_ns'));
      const toNs = last > fromNs ? last : nowNs;
      if (dropped > 0) losses.push({ fromNs, toNs, lost: dropped, why: 'ring full' });
      if (faulted > 0) losses.push({ fromNs, toNs, lost: faulted, why: 'read fault' });
    }
    this.#readNs = nowNs;
    return losses;
  }

  /** These carry no times of their own: they were lost since the last call. */
  #takeDescriptions(cpu: number, nowNs: bigint, losses: LocatedLoss[]): void {
    for (const [counter, stream] of DESCRIPTIONS) {
      const lost = this.#delta(cpu, counter);
      if (lost > 0) losses.push({ fromNs: this.#readNs, toNs: nowNs, lost, why: 'ring full or read fault', stream });
    }
  }

  #delta(cpu: number, name: Counter): number {
    const now = this.#word(cpu, word(name));
    const delta = Number(now - this.#known[name][cpu]!);
    this.#known[name][cpu] = now;
    return delta;
  }

  #word(cpu: number, index: number): bigint {
    return Atomics.load(this.#words, cpu * WORDS + index);
  }
}
