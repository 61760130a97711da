/** What came in as spans and what was written as states of goroutines: the same time, state by state. */
import { formatCount, formatNs } from '../../base/text.js';
import { ExactSum } from '../exact-sum.js';
import type { ConversionReport } from '../format.js';
import { GoStatus } from './go-status.js';

const NAMES = Object.keys(GoStatus);
const STATUSES = Object.values(GoStatus);

export class GotraceAudit implements ConversionReport {
  readonly #inNs = STATUSES.map(() => new ExactSum());
  readonly #outNs = STATUSES.map(() => new ExactSum());
  goroutines = 0;
  changes = 0;
  /** Goroutines without a single event. */
  leftOut = 0;
  /** Time that is shown as another state, because the state was learned after the generation had been written. */
  lateNs = 0;
  spareLanes = 0;
  readonly pids: number[] = [];

  read(status: GoStatus, ns: number): void {
    this.#inNs[status]!.add(ns);
  }

  wrote(status: GoStatus, ns: number): void {
    if (status === GoStatus.none) return;
    this.changes++;
    this.#outNs[status]!.add(ns);
  }

  /** @throws Error when time was lost or moved from one state to another without being counted as such */
  check(): void {
    const total = (sums: readonly ExactSum[]) => sums.reduce((sum, { value }) => sum + value, 0n);
    expectEqual('time of goroutines', total(this.#inNs), total(this.#outNs));
    if (this.lateNs > 0) return;
    for (const status of STATUSES) {
      expectEqual(`time of ${NAMES[status]} goroutines`, this.#inNs[status]!.value, this.#outNs[status]!.value);
    }
  }

  summary(): string {
    const sentences = [`${formatCount(this.changes)} stays in a state of ${formatCount(this.goroutines)} goroutines`];
    if (this.leftOut > 0) sentences.push(`${formatCount(this.leftOut)} goroutines without any event left out`);
    if (this.lateNs > 0) sentences.push(`${formatNs(this.lateNs)} shown as the state before, because learned too late`);
    if (this.spareLanes > 0) sentences.push(`${formatCount(this.spareLanes)} threads of no real number`);
    sentences.push('every thread has a P of its own: who had which P is not shown');
    if (this.pids.length > 1) sentences.push(`a file for each of the processes ${this.pids.join(', ')}`);
    return sentences.join(', ');
  }
}

function expectEqual(what: string, read: bigint, wrote: bigint): void {
  if (read === wrote) return;
  throw new Error(`conversion audit: ${what}: ${read} ns came in, ${wrote} ns were written (a defect of gotape)`);
}
