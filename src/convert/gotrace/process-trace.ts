/**
 * One process as an execution trace of Go: `go tool trace`, gotraceui and golang.org/x/exp/trace open it.
 * Sources: internal/trace/tracev2/events.go, batch.go, order.go, generation.go of Go 1.26. The version is Go 1.23's: the
 * first in which the status of a goroutine that was there already carries a stack, which names it.
 *
 * Changes come in order of time. Each becomes the events that lead from the goroutine's status to the new one, by way of
 * running where the format knows no direct one. What readers enforce:
 * - of a goroutine the status comes before anything else in a generation, of a P too;
 * - starts and unblocks of a goroutine count on, within the generation; so do system calls of a P;
 * - a goroutine runs, makes system calls and ends on the thread that it was started on.
 */

import type { Becoming } from '../becoming.js';
import type { OutputSink } from '../format.js';
import type { StackTable } from '../stack-table.js';
import type { WireBytes } from '../wire-bytes.js';
import { BatchFile } from './batch-file.js';
import { EventType, MAX_BATCH_BYTES, NO_M, ProcStatus } from './event-type.js';
import { GoStatus, statusOf } from './go-status.js';
import type { GotraceAudit } from './gotrace-audit.js';
import { Lane, Lanes } from './lanes.js';
import type { Change, Life } from './life.js';
import { SymbolTables } from './symbol-tables.js';
import { blockReason, COROUTINE, STOPPED } from './trace-words.js';

/** One event fits behind it, and the states of P and goroutine before it. */
const FULL_BYTES = MAX_BATCH_BYTES - 512;

export interface ProcessTraceOptions {
  readonly sink: OutputSink;
  readonly stacks: StackTable;
  /** Wait reasons of the trace; may grow. */
  readonly reasons: readonly string[];
  readonly audit: GotraceAudit;
  /** Of the trace's time 0. */
  readonly epochNs: bigint;
  /** Where the trace begins. */
  readonly fromNs: number;
  /** Any thread of the process; 0 when none is known. */
  readonly tid: number;
}

export class ProcessTrace {
  readonly #file: BatchFile;
  readonly #symbols: SymbolTables;
  readonly #reasons: readonly string[];
  readonly #audit: GotraceAudit;
  readonly #lanes = new Lanes();
  /** Events that belong to no thread. */
  readonly #unbound = new Lane(NO_M, NO_M);
  /** Goroutines on a thread, and those that were there when the trace began until their status is told. */
  readonly #onThread = new Map<number, Life>();
  readonly #initial: Life[] = [];
  /** Goroutines that ended at `#nowNs`, and where. */
  readonly #endedNow = new Map<number, Lane>();
  #generation = 1;
  readonly #fromNs: number;
  readonly #firstTid: number;
  /** Begin of the generation. */
  #generationNs: number;
  #nowNs: number;

  constructor({ sink, stacks, reasons, audit, epochNs, fromNs, tid }: ProcessTraceOptions) {
    this.#file = new BatchFile(sink, epochNs);
    this.#symbols = new SymbolTables(stacks, (batch) => this.#batch(NO_M, this.#generationNs, batch));
    this.#reasons = reasons;
    this.#audit = audit;
    this.#fromNs = this.#generationNs = this.#nowNs = fromNs;
    this.#firstTid = tid;
  }

  /** A goroutine that is there when the trace begins. */
  begin(life: Life, becomes: Becoming): void {
    life.status = statusOf(becomes.kind);
    life.sinceNs = this.#fromNs;
    this.#initial.push(life);
    if (life.status !== GoStatus.running && life.status !== GoStatus.syscall) return;
    this.#enter(this.#lanes.idle(becomes.tid), life);
  }

  /** After all of them: the trace begins here, and not with its first event. */
  start(): void {
    this.#prepare(this.#lanes.all[0] ?? this.#lanes.idle(this.#firstTid), this.#fromNs);
  }

  /** The next change. */
  apply({ life, timeNs, becomes }: Change): void {
    if (becomes === undefined) return;
    if (timeNs !== this.#nowNs) this.#endedNow.clear();
    this.#nowNs = timeNs;
    this.#audit.wrote(life.status, timeNs - life.sinceNs);
    life.sinceNs = timeNs;
    const to = statusOf(becomes.kind);
    if (to === GoStatus.none) this.#end(life, becomes);
    else if (to === GoStatus.runnable) this.#ready(life, becomes);
    else if (to === GoStatus.running) this.#run(life, becomes);
    else if (to === GoStatus.syscall) this.#beginSyscall(life, becomes);
    else this.#block(life, becomes);
    if (life.lane !== undefined && life.lane.bytes.length > FULL_BYTES) this.#flush(life.lane);
  }

  /** Ends a generation: readers hold one in memory as a whole. */
  endGeneration(untilNs: number): void {
    this.#tellInitial(untilNs);
    for (const lane of this.#lanes.all) this.#flush(lane);
    this.#flush(this.#unbound);
    this.#symbols.end();
    this.#file.endGeneration(this.#generation, this.#generationNs);
    this.#generationNs = untilNs;
    this.#generation++;
  }

  drain(): Promise<void> {
    return this.#file.drain();
  }

  async finish(endNs: number): Promise<void> {
    // The trace ends here, and not with its last event.
    const [lane] = this.#lanes.all;
    if (lane !== undefined) this.#tellProc(lane, endNs);
    this.endGeneration(endNs);
    await this.#file.finish();
  }

  /** Threads that stand for another one. */
  get spareLanes(): number {
    return this.#lanes.spare;
  }

  #ready(life: Life, becomes: Becoming): void {
    if (life.status === GoStatus.none) this.#create(life, becomes);
    else if (life.status === GoStatus.waiting) this.#unblock(life, becomes);
    else if (life.status !== GoStatus.runnable) {
      this.#endSyscall(life);
      const out = this.#leave(life, EventType.goStop);
      out.uint(this.#symbols.string(STOPPED));
      out.uint(this.#symbols.stack(becomes.stack, life.startFunction));
    }
    life.status = GoStatus.runnable;
  }

  #run(life: Life, becomes: Becoming): void {
    if (life.status === GoStatus.running) return;
    if (life.status === GoStatus.syscall && this.#staysOn(life.lane!, becomes.tid)) {
      this.#endSyscall(life);
      return;
    }
    this.#ready(life, becomes);
    const lane = this.#lanes.idle(becomes.tid);
    const out = this.#event(lane, life, EventType.goStart);
    out.uint(life.goid);
    out.uint(++life.sequence);
    this.#enter(lane, life);
    life.status = GoStatus.running;
  }

  #block(life: Life, becomes: Becoming): void {
    if (life.status === GoStatus.none && this.#reasons[becomes.reason] === COROUTINE) {
      // The only ones that are created waiting (iter.Pull). The event has no reason.
      this.#create(life, becomes, EventType.goCreateBlocked);
      life.status = GoStatus.waiting;
      return;
    }
    this.#endSyscall(life);
    this.#run(life, becomes);
    const out = this.#leave(life, EventType.goBlock);
    out.uint(this.#symbols.string(blockReason(becomes, this.#reasons)));
    out.uint(this.#symbols.stack(becomes.stack, life.startFunction));
    life.status = GoStatus.waiting;
  }

  #beginSyscall(life: Life, becomes: Becoming): void {
    if (life.status === GoStatus.syscall) return;
    this.#run(life, becomes);
    const lane = life.lane!;
    const out = this.#event(lane, life, EventType.goSyscallBegin);
    out.uint(++lane.sequence);
    out.uint(this.#symbols.stack(becomes.stack, life.startFunction));
    life.status = GoStatus.syscall;
  }

  #endSyscall(life: Life): void {
    if (life.status !== GoStatus.syscall) return;
    this.#event(life.lane!, life, EventType.goSyscallEnd);
    life.status = GoStatus.running;
  }

  #end(life: Life, becomes: Becoming): void {
    if (life.status === GoStatus.none) return;
    this.#endSyscall(life);
    this.#run(life, becomes);
    this.#endedNow.set(life.goid, life.lane!);
    this.#leave(life, EventType.goDestroy);
    life.status = GoStatus.none;
  }

  #create(life: Life, { tid, waker }: Becoming, type: EventType = EventType.goCreate): void {
    const creator = this.#onThread.get(waker);
    const lane = creator?.status === GoStatus.running ? creator.lane! : this.#lanes.idle(tid);
    // The goroutine of a C thread may end and begin again. Of events of two threads at one time readers may take the
    // second one first, but none of another generation.
    if ((this.#endedNow.get(life.goid) ?? lane) !== lane) this.endGeneration(this.#nowNs);
    this.#prepare(lane, this.#nowNs);
    const out = lane.event(type, this.#nowNs);
    out.uint(life.goid);
    out.uint(this.#symbols.start(life.startFunction));
    out.uint(this.#symbols.place(life.createdBy));
    life.generation = this.#generation;
    life.sequence = 0;
  }

  #unblock(life: Life, { tid, waker }: Becoming): void {
    const by = this.#onThread.get(waker);
    const out = this.#event(by?.lane ?? this.#lanes.idle(tid), life, EventType.goUnblock);
    out.uint(life.goid);
    out.uint(++life.sequence);
    // The stack is the waker's, of which no more than its outermost frame is known.
    out.uint(by === undefined ? 0 : this.#symbols.start(by.startFunction));
  }

  #staysOn(lane: Lane, tid: number): boolean {
    return tid === 0 || this.#lanes.tidOf(lane) === tid;
  }

  #enter(lane: Lane, life: Life): void {
    this.#lanes.enter(lane, life);
    this.#onThread.set(life.goid, life);
  }

  /** Begins the event with which a goroutine leaves its thread. */
  #leave(life: Life, type: EventType): WireBytes {
    const lane = life.lane!;
    const out = this.#event(lane, life, type);
    this.#lanes.leave(lane);
    if (this.#onThread.get(life.goid) === life) this.#onThread.delete(life.goid);
    return out;
  }

  /** Begins an event of a goroutine, after what must be told before it. */
  #event(lane: Lane, life: Life, type: EventType): WireBytes {
    this.#prepare(lane, this.#nowNs);
    if (life.generation !== this.#generation) this.#tellStatus(lane, life, this.#nowNs);
    return lane.event(type, this.#nowNs);
  }

  #prepare(lane: Lane, timeNs: number): void {
    if (lane.bytes.length > FULL_BYTES) this.#flush(lane);
    if (lane.generation !== this.#generation) this.#tellProc(lane, timeNs);
  }

  #tellProc(lane: Lane, timeNs: number): void {
    lane.generation = this.#generation;
    lane.sequence = 0;
    const out = lane.event(EventType.procStatus, timeNs);
    out.uint(lane.p);
    out.uint(lane.life?.status === GoStatus.syscall ? ProcStatus.syscall : ProcStatus.running);
  }

  /** With the start function in the first generation: that is where viewers look for the name. */
  #tellStatus(lane: Lane, life: Life, timeNs: number): void {
    life.generation = this.#generation;
    life.sequence = 0;
    const stack = this.#generation === 1 ? this.#symbols.start(life.startFunction) : 0;
    const out = lane.event(stack === 0 ? EventType.goStatus : EventType.goStatusStack, timeNs);
    out.uint(life.goid);
    out.uint(life.lane?.m ?? NO_M);
    out.uint(life.status);
    if (stack !== 0) out.uint(stack);
  }

  /**
   * Goroutines that did nothing in the first generation. Readers move events with equal times apart, 1 ns each: so that
   * nothing else is moved, these are spread over the generation.
   */
  #tellInitial(untilNs: number): void {
    const idle = this.#initial.splice(0).filter(({ generation }) => generation === 0);
    const lengthNs = untilNs - this.#fromNs;
    for (const [i, life] of idle.entries()) {
      const timeNs = this.#fromNs + Math.floor((lengthNs * (i + 1)) / (idle.length + 1));
      if (this.#unbound.bytes.length > FULL_BYTES) this.#flush(this.#unbound);
      if (life.lane === undefined) this.#tellStatus(this.#unbound, life, timeNs);
      else {
        this.#prepare(life.lane, untilNs);
        this.#tellStatus(life.lane, life, untilNs);
      }
    }
  }

  #flush(lane: Lane): void {
    if (lane.bytes.length > 0) this.#batch(lane.m, lane.baseNs, lane.bytes.written());
    lane.bytes.clear();
  }

  #batch(m: number, timeNs: number, data: Uint8Array): void {
    this.#file.batch(this.#generation, m, timeNs, data);
  }
}
