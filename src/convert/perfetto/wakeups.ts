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

/** A wake-up in a queue: first in, first out. The first one knows the last. */
interface Waiting {
  readonly wakeup: Wakeup;
  next: Waiting | undefined;
  last: Waiting | undefined;
}

/** Queues by goroutine, of one side. Most have one wake-up, and not for long: only those that are not empty take memory. */
class Queues {
  readonly #byPid = new Map<number, Map<number, Waiting>>();
  #pid = -1;
  #byGoid = new Map<number, Waiting>();

  first(pid: number, goid: number): Wakeup | undefined {
    return this.#of(pid).get(goid)?.wakeup;
  }

  push(pid: number, goid: number, wakeup: Wakeup): void {
    const byGoid = this.#of(pid);
    const first = byGoid.get(goid);
    const waiting: Waiting = { wakeup, next: undefined, last: undefined };
    if (first === undefined) byGoid.set(goid, waiting);
    else {
      (first.last ?? first).next = waiting;
      first.last = waiting;
    }
  }

  /** Takes the first. */
  shift(pid: number, goid: number): void {
    const byGoid = this.#of(pid);
    const first = byGoid.get(goid);
    if (first?.next === undefined) byGoid.delete(goid);
    else {
      first.next.last = first.last;
      byGoid.set(goid, first.next);
    }
  }

  *all(): Iterable<Wakeup> {
    for (const byGoid of this.#byPid.values()) {
      for (const first of byGoid.values()) {
        for (let waiting: Waiting | undefined = first; waiting !== undefined; waiting = waiting.next)
          yield waiting.wakeup;
      }
    }
  }

  /** Most traces have one program, so that the last answer is the next. */
  #of(pid: number): Map<number, Waiting> {
    if (pid === this.#pid) return this.#byGoid;
    const known = this.#byPid.get(pid) ?? new Map<number, Waiting>();
    this.#byPid.set(pid, known);
    this.#pid = pid;
    this.#byGoid = known;
    return known;
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
    if (ids.length > 0) ids.length = 0;
    for (
      let wakeup = this.#byWaker.first(pid, goid);
      wakeup !== undefined && wakeup.timeNs <= endNs;
      wakeup = this.#byWaker.first(pid, goid)
    ) {
      this.#byWaker.shift(pid, goid);
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
    for (
      let wakeup = this.#byWakee.first(pid, goid);
      wakeup !== undefined && wakeup.timeNs <= timeNs;
      wakeup = this.#byWakee.first(pid, goid)
    ) {
      this.#byWakee.shift(pid, goid);
      wakeup.end = wakeup.timeNs === timeNs ? 'written' : 'missing';
      this.#settle(wakeup, false);
      if (wakeup.end === 'written') return wakeup.begin === 'missing' ? 0 : wakeup.id;
    }
    return 0;
  }

  /** No slices follow. */
  finish(): void {
    for (const wakeup of this.#byWaker.all()) {
      wakeup.begin = 'missing';
      this.#settle(wakeup, false);
    }
    for (const wakeup of this.#byWakee.all()) {
      wakeup.end = 'missing';
      this.#settle(wakeup, false);
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
