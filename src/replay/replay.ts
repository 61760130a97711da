/**
 * Turns transitions into spans. What each change means is data (`phase.ts`); nothing is guessed: a change that was missed
 * makes `unseen` time, and what lies before the first event and after the last is `unknown`.
 *
 * The loop over rows is written for the machine: typed arrays, no object, no string and no BigInt per row.
 */
import { GoState } from '../model/go-state.js';
import { SpanKind } from '../model/span.js';
import type { ReplayCounts, SpanSink } from '../model/span-sink.js';
import type { TraceSegment } from '../model/trace-segment.js';
import { NO_P, type TransitionBatch } from '../model/transition-batch.js';
import { WakeSource } from '../model/wake-source.js';
import { GapList } from './gap-list.js';
import { GoroutineColumns, NEVER_SEEN } from './goroutine-columns.js';
import type { GoroutineTable } from './goroutine-table.js';
import { Action, actionByPhases, kindByPhase, Phase, phaseByState } from './phase.js';
import { SpanEmitter } from './span-emitter.js';
import { WaitingPhases } from './waiting-phases.js';

/**
 * From Go 1.26 on, exitsyscall says "running" before it has a P, and running→runnable a moment later when it gets none.
 * A row does not tell whether a P was found in between; longer than this it takes only with one.
 */
const P_SEARCH_MAX_NS = 100_000;

const SYSCALL_TO_RUNNING = (GoState.syscall << 8) | GoState.running;

/** Feed the segments in order, then call {@link finish} once. The table is filled on the way. */
export class Replay {
  private readonly counters = {
    transitions: 0,
    anonymous: 0,
    backwards: 0,
    pairs: new Float64Array(1 << 16),
    unseenPairs: new Float64Array(1 << 16),
    syscallExitsWithoutP: 0,
  };
  private readonly goroutines: GoroutineTable;
  private readonly sink: SpanSink;
  private readonly columns = new GoroutineColumns();
  private readonly gaps = new GapList();
  private readonly waiting: WaitingPhases;
  private readonly emit: SpanEmitter;
  private nowNs = 0;

  constructor(reasons: readonly string[], goroutines: GoroutineTable, sink: SpanSink) {
    this.goroutines = goroutines;
    this.sink = sink;
    this.waiting = new WaitingPhases(reasons);
    this.emit = new SpanEmitter(this.columns, this.gaps, sink);
  }

  get counts(): ReplayCounts {
    return this.counters;
  }

  segment(segment: TraceSegment): void {
    this.waiting.update();
    this.emit.preemptedReason = this.waiting.preemptedReason;
    this.gaps.add(segment.gaps);
    for (const info of segment.goroutines) this.goroutines.addInfo(info);
    // Room for as many new goroutines as there are rows: no column is replaced within the loop.
    this.columns.reserve(this.goroutines.size + segment.transitions.length);
    this.rows(segment.transitions);
  }

  /** Accounts for the time up to the end of the recording. */
  finish(endNs: number): void {
    const { columns, emit } = this;
    const end = Math.max(endNs, this.nowNs);
    columns.reserve(this.goroutines.size);
    for (let g = 0; g < this.goroutines.size; g++) {
      const phase = columns.phase[g]!;
      if (columns.state[g] === NEVER_SEEN) this.arrive(g, end, SpanKind.unknown);
      else if (phase !== Phase.none) {
        emit.confirmed(g, kindByPhase[phase]!);
        emit.dark(g, SpanKind.unknown, columns.partNs[g]!, end, kindByPhase[phase]!);
      }
    }
  }

  private rows(batch: TransitionBatch): void {
    const { columns, counters, goroutines, waiting } = this;
    const { pairs } = counters;
    const { timeNs, goid, pid, from, to, reason, p, length } = batch;
    counters.transitions += length;
    let now = this.nowNs;
    for (let i = 0; i < length; i++) {
      const time = timeNs[i]!;
      if (time >= now) now = time;
      else counters.backwards++;
      const before = from[i]!;
      const after = to[i]!;
      const pair = (before << 8) | after;
      pairs[pair] = pairs[pair]! + 1;
      if (goid[i] === 0) {
        counters.anonymous++;
        continue;
      }
      const g = goroutines.indexOf(pid[i]!, goid[i]!);
      if (columns.state[g] !== before) this.rejoin(g, now, before);

      let next = phaseByState[after]!;
      if (next === Phase.waiting) {
        // Whoever takes over a preempted goroutine sets the reason after the probe: the row may carry an old one.
        next = before === GoState.preempted ? Phase.preempted : waiting.byReason[reason[i]!]!;
      } else if (pair === SYSCALL_TO_RUNNING && p[i] === NO_P && columns.ranOnP[g] === 1) {
        next = Phase.runningWithoutP;
      }
      this.change(batch, i, g, now, next);
      columns.state[g] = after;
      columns.phase[g] = next;
      columns.partNs[g] = now;
      columns.partReason[g] = reason[i]!;
    }
    this.nowNs = now;
  }

  private change(batch: TransitionBatch, row: number, g: number, now: number, next: number): void {
    const phase = this.columns.phase[g]!;
    switch (actionByPhases[(phase << 4) | next]) {
      case Action.keep:
      case Action.ignore:
        return;
      case Action.returnFromSystemStack:
        this.emit.systemStack(g, now);
        return;
      case Action.begin:
        this.sink.begin(g, now, true);
        break;
      case Action.becomeRunnable:
        if (this.waitedForP(batch, row, g, now)) return;
        this.emit.known(g, SpanKind.running, now);
        break;
      case Action.splitAtWait:
        this.splitAtWait(g, now);
        break;
      default:
        if (phase !== Phase.blank) this.emit.known(g, kindByPhase[phase]!, now);
    }
    if (next === Phase.none) this.sink.end(g, now);
    else this.open(batch, row, g, now);
  }

  /** A new span begins, with what the row says. */
  private open(batch: TransitionBatch, row: number, g: number, now: number): void {
    const { columns } = this;
    // Resumed after a stack scan: the collector's doing, not a wake-up by the program.
    const resumed = columns.phase[g] === Phase.preempted;
    columns.startNs[g] = now;
    columns.reason[g] = batch.reason[row]!;
    columns.tid[g] = batch.tid[row]!;
    columns.cpu[g] = batch.cpu[row]!;
    columns.p[g] = batch.p[row]!;
    if (batch.p[row] !== NO_P) columns.ranOnP[g] = 1;
    columns.waker[g] = resumed ? 0 : batch.waker[row]!;
    columns.wakeSource[g] = resumed ? WakeSource.gc : batch.wakeSource[row]!;
    columns.stack[g] = batch.stack[row]!;
  }

  /** An event does not continue what was known of its goroutine, or is the first of it. */
  private rejoin(g: number, now: number, before: number): void {
    const { columns, counters, emit, sink } = this;
    const last = columns.state[g]!;
    const dies = phaseByState[before] === Phase.none;
    if (last === NEVER_SEEN) {
      if (!dies) this.arrive(g, now, kindByPhase[phaseByState[before]!]!);
    } else {
      const pair = (last << 8) | before;
      counters.unseenPairs[pair] = counters.unseenPairs[pair]! + 1;
      const wasDead = columns.phase[g] === Phase.none;
      if (!(wasDead && dies)) {
        if (wasDead) sink.begin(g, columns.partNs[g]!, false);
        else emit.confirmed(g, kindByPhase[columns.phase[g]!]!);
        emit.dark(g, SpanKind.unseen, columns.partNs[g]!, now, SpanKind.unseen);
        if (dies) sink.end(g, now);
      }
    }
    columns.phase[g] = dies ? Phase.none : Phase.blank;
    columns.startNs[g] = columns.partNs[g] = now;
  }

  /** A goroutine whose creation is not in the trace: it lived since the trace began, or since it was first seen. */
  private arrive(g: number, now: number, hint: SpanKind): void {
    const info = this.goroutines.infoOf(g);
    const startNs = info?.origin === 'created' ? Math.min(Math.max(info.firstSeenNs, 0), now) : 0;
    this.sink.begin(g, startNs, false);
    this.emit.dark(g, SpanKind.unknown, startNs, now, hint);
  }

  private splitAtWait(g: number, now: number): void {
    const { columns, emit } = this;
    emit.confirmed(g, SpanKind.running);
    columns.startNs[g] = columns.partNs[g]!;
    columns.reason[g] = columns.partReason[g]!;
    emit.known(g, SpanKind.waiting, now);
  }

  /** True when the running span at hand was the search for a P; it then goes on as a runnable one. */
  private waitedForP(batch: TransitionBatch, row: number, g: number, now: number): boolean {
    const { columns } = this;
    const searched =
      columns.tid[g] === batch.tid[row] && batch.p[row] === NO_P && now - columns.startNs[g]! <= P_SEARCH_MAX_NS;
    if (!searched) return false;
    this.counters.syscallExitsWithoutP++;
    return true;
  }
}
