/**
 * Arrows from the slice in which a goroutine woke another to the slice that begins then. Either is handed over when it ends, so
 * wake-ups wait for both: what the rows of a segment say comes before its spans.
 */
import { GoState } from '../../model/go-state.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import type { PerfettoAudit } from './audit.js';

/** A goroutine that wakes this many others before its slice ends leaves the rest without arrows. */
const MAX_WAITING = 1 << 20;

type Side = 'awaited' | 'written' | 'missing';

interface Wakeup {
  readonly id: number;
  readonly timeNs: number;
  begin: Side;
  end: Side;
}

/** First in, first out. */
class Queue {
  #items: Wakeup[] = [];
  #head = 0;

  get first(): Wakeup | undefined {
    return this.#items[this.#head];
  }

  push(wakeup: Wakeup): void {
    this.#items.push(wakeup);
  }

  shift(): void {
    this.#head++;
    if (this.#head < 1024 && this.#head < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }
}

/** Queues by goroutine, of one side. */
class Queues {
  readonly #byPid = new Map<number, Map<number, Queue>>();

  of(pid: number, goid: number): Queue | undefined {
    return this.#byPid.get(pid)?.get(goid);
  }

  push(pid: number, goid: number, wakeup: Wakeup): void {
    const byGoid = this.#byPid.get(pid) ?? new Map<number, Queue>();
    const queue = byGoid.get(goid) ?? new Queue();
    queue.push(wakeup);
    byGoid.set(goid, queue);
    this.#byPid.set(pid, byGoid);
  }

  /** Takes the first; a queue that is empty then is forgotten. */
  shift(pid: number, goid: number, queue: Queue): void {
    queue.shift();
    if (queue.first === undefined) this.#byPid.get(pid)?.delete(goid);
  }

  *all(): Iterable<readonly [pid: number, goid: number, queue: Queue]> {
    for (const [pid, byGoid] of this.#byPid) for (const [goid, queue] of byGoid) yield [pid, goid, queue];
  }
}

export class Wakeups {
  readonly #audit: PerfettoAudit['flows'];
  readonly #byWaker = new Queues();
  readonly #byWakee = new Queues();
  readonly #ids: number[] = [];
  #lastId = 0;
  #waiting = 0;
  #nowNs = 0;

  constructor(audit: PerfettoAudit['flows']) {
    this.#audit = audit;
  }

  /** Rows, before they become spans. */
  add(batch: TransitionBatch): void {
    const { length, timeNs, goid, pid, to, waker } = batch;
    for (let row = 0; row < length; row++) {
      // A row that lies before its predecessor is replayed at its time.
      this.#nowNs = Math.max(this.#nowNs, timeNs[row]!);
      if (waker[row] === 0 || to[row] !== GoState.runnable || goid[row] === 0) continue;
      this.#audit.wakeups++;
      if (this.#waiting >= MAX_WAITING) {
        this.#audit.wakerUnknown++;
        continue;
      }
      this.#waiting++;
      const wakeup: Wakeup = { id: ++this.#lastId, timeNs: this.#nowNs, begin: 'awaited', end: 'awaited' };
      this.#byWaker.push(pid[row]!, waker[row]!, wakeup);
      this.#byWakee.push(pid[row]!, goid[row]!, wakeup);
    }
  }

  /** Arrows that begin in a goroutine's slice. The list is reused. */
  beginningIn(pid: number, goid: number, startNs: number, endNs: number): readonly number[] {
    const ids = this.#ids;
    ids.length = 0;
    const queue = this.#byWaker.of(pid, goid);
    if (queue === undefined) return ids;
    for (let wakeup = queue.first; wakeup !== undefined && wakeup.timeNs <= endNs; wakeup = queue.first) {
      this.#byWaker.shift(pid, goid, queue);
      // Of equal times what is written first comes first, and an arrow's end must not.
      const isTooLate = wakeup.timeNs === startNs && wakeup.end === 'written';
      wakeup.begin = wakeup.timeNs >= startNs && !isTooLate ? 'written' : 'missing';
      if (wakeup.begin === 'written') ids.push(wakeup.id);
      this.#settle(wakeup, isTooLate);
    }
    return ids;
  }

  /** The arrow that ends in the goroutine's slice that begins at `timeNs`; 0 is none. */
  endingAt(pid: number, goid: number, timeNs: number): number {
    const queue = this.#byWakee.of(pid, goid);
    if (queue === undefined) return 0;
    for (let wakeup = queue.first; wakeup !== undefined && wakeup.timeNs <= timeNs; wakeup = queue.first) {
      this.#byWakee.shift(pid, goid, queue);
      wakeup.end = wakeup.timeNs === timeNs ? 'written' : 'missing';
      this.#settle(wakeup, false);
      if (wakeup.end === 'written') return wakeup.begin === 'missing' ? 0 : wakeup.id;
    }
    return 0;
  }

  /** No slices follow. */
  finish(): void {
    for (const [queues, side] of [
      [this.#byWaker, 'begin'],
      [this.#byWakee, 'end'],
    ] as const) {
      for (const [pid, goid, queue] of queues.all()) {
        for (let wakeup = queue.first; wakeup !== undefined; wakeup = queue.first) {
          queues.shift(pid, goid, queue);
          wakeup[side] = 'missing';
          this.#settle(wakeup, false);
        }
      }
    }
  }

  /** Counts it once both sides are known. */
  #settle({ begin, end }: Wakeup, isTooLate: boolean): void {
    if (begin === 'awaited' || end === 'awaited') return;
    this.#waiting--;
    if (isTooLate) this.#audit.sameInstant++;
    else if (begin === 'missing') this.#audit.wakerUnknown++;
    else if (end === 'missing') this.#audit.wakeeUnknown++;
    else this.#audit.arrows++;
  }
}
