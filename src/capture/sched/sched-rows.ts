/** Changes of threads that wait to be written, as columns in order of time. */
import type { OsScheduleBatch } from '../../model/os-schedule.js';

/** Rows kept at most; more stay in the ring buffer, where the kernel counts what it has no room for. */
export const MAXIMUM_ROWS = 1 << 20;
const FIRST_CAPACITY = 1 << 14;

export class SchedRows {
  length = 0;
  #columns = newColumns(FIRST_CAPACITY);

  get isFull(): boolean {
    return this.length >= MAXIMUM_ROWS;
  }

  /** Puts a row in its place: events come almost in order, but one may have been overtaken while it was written. */
  add(timeNs: number, pid: number, tid: number, cpu: number, state: number, syscall: number): void {
    if (this.length === this.#columns.timeNs.length) this.#grow();
    const columns = this.#columns;
    const end = this.length++;
    let row = end;
    while (row > 0 && columns.timeNs[row - 1]! > timeNs) row--;
    if (row < end) for (const column of Object.values(columns)) column.copyWithin(row + 1, row, end);
    columns.timeNs[row] = timeNs;
    columns.pid[row] = pid;
    columns.tid[row] = tid;
    columns.cpu[row] = cpu;
    columns.state[row] = state;
    columns.syscall[row] = syscall;
  }

  /**
   * Copies the rows up to and including `untilNs` out, and forgets them.
   * @param atLeastNs time of the last row that was taken before: a row that was overtaken by all of those is raised to it
   */
  take(untilNs: number, atLeastNs: number): OsScheduleBatch {
    const all = this.#columns;
    let count = 0;
    while (count < this.length && all.timeNs[count]! <= untilNs) {
      all.timeNs[count] = Math.max(all.timeNs[count]!, atLeastNs);
      count++;
    }
    const batch = {
      length: count,
      timeNs: all.timeNs.slice(0, count),
      pid: all.pid.slice(0, count),
      tid: all.tid.slice(0, count),
      cpu: all.cpu.slice(0, count),
      state: all.state.slice(0, count),
      syscall: all.syscall.slice(0, count),
    };
    for (const column of Object.values(all)) column.copyWithin(0, count, this.length);
    this.length -= count;
    return batch;
  }

  #grow(): void {
    const { timeNs, pid, tid, cpu, state, syscall } = this.#columns;
    const grown = newColumns(2 * timeNs.length);
    grown.timeNs.set(timeNs);
    grown.pid.set(pid);
    grown.tid.set(tid);
    grown.cpu.set(cpu);
    grown.state.set(state);
    grown.syscall.set(syscall);
    this.#columns = grown;
  }
}

function newColumns(capacity: number) {
  return {
    timeNs: new Float64Array(capacity),
    pid: new Uint32Array(capacity),
    tid: new Uint32Array(capacity),
    cpu: new Uint16Array(capacity),
    state: new Uint8Array(capacity),
    syscall: new Int16Array(capacity),
  };
}
