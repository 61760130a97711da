/**
 * Turns transitions into spans. What each change means is data (`phase.ts`); nothing is guessed: a change that was missed
 * makes `unseen` time, and what lies before the first event and after the last is `unknown`.
 *
 * The loop over rows is written for the machine: typed arrays, no object, no string and no BigInt per row, and tables in
 * place of branches on state and reason, which nothing can predict. One core of a busy 2-core EPYC: 22 M transitions/s, with
 * the analysis 19 M (`npm run bench:analysis`).
 */
import type { GoroutineState } from '../model/goroutine-state.js';
import { SpanKind } from '../model/span.js';
import type { ReplayCounts, SpanSink } from '../model/span-sink.js';
import type { TraceSegment } from '../model/trace-segment.js';
import { NO_P, type TransitionBatch } from '../model/transition-batch.js';
import { WakeSource } from '../model/wake-source.js';
import { isAlive, restoreState, saveState } from './border-states.js';
import { GapList } from './gap-list.js';
import {
  Float,
  floatBase,
  GoroutineRecords,
  PHASE_SHIFT,
  SEEN,
  STATE_MASK,
  Word,
  wordBase,
} from './goroutine-records.js';
import type { GoroutineTable } from './goroutine-table.js';
import { Action, actionByPhases, kindByPhase, Phase, phaseByPair, phaseByState, reasonMaskByPair } from './phase.js';
import { SpanEmitter } from './span-emitter.js';
import { WaitingPhases } from './waiting-phases.js';

/** Feed the segments in order, then call {@link finish} once. The table is filled on the way. */
export class Replay {
  private counters = newCounters();
  private readonly goroutines: GoroutineTable;
  private readonly sink: SpanSink;
  private readonly records = new GoroutineRecords();
  private readonly gaps = new GapList();
  private readonly waiting: WaitingPhases;
  private readonly emit: SpanEmitter;
  private readonly timesOnly: boolean;
  /** Not for times alone before the trace tells its first stack: that spares them a column. */
  private tracksStacks: boolean;
  /** The sink wants to know what begins. */
  private readonly announces: boolean;
  private nowNs = 0;

  constructor(reasons: readonly string[], goroutines: GoroutineTable, sink: SpanSink) {
    this.goroutines = goroutines;
    this.sink = sink;
    this.timesOnly = sink.timesOnly === true;
    this.tracksStacks = !this.timesOnly;
    this.announces = !this.timesOnly && sink.opened !== undefined;
    this.waiting = new WaitingPhases(reasons);
    this.emit = new SpanEmitter(this.records, this.gaps, sink);
  }

  get counts(): ReplayCounts {
    return this.counters;
  }

  segment(segment: TraceSegment): void {
    this.waiting.update();
    this.emit.preemptedReason = this.waiting.preemptedReason;
    this.gaps.add(segment.gaps);
    for (const info of segment.goroutines) this.goroutines.addInfo(info);
    // Room for as many new goroutines as there are rows: the records stay in place within the loop.
    const { transitions, states, after, stacks } = segment;
    if (stacks !== undefined && stacks.length > 0) this.tracksStacks = true;
    this.records.reserve(this.goroutines.size + transitions.length + (states?.length ?? 0) + (after?.length ?? 0));
    if (states !== undefined) this.restore(states);
    this.rows(transitions);
    if (after !== undefined) this.rowsAfter(after);
  }

  /** What is known of a goroutine now; undefined before its first event. */
  stateOf(goroutine: number): GoroutineState | undefined {
    return saveState(this.records, this.goroutines, goroutine);
  }

  isAlive(goroutine: number): boolean {
    return isAlive(this.records, goroutine);
  }

  /** Accounts for the time up to the end of the recording. */
  finish(endNs: number): void {
    const { emit, goroutines, records } = this;
    const end = Math.max(endNs, this.nowNs);
    records.reserve(goroutines.size);
    for (let g = 0; g < goroutines.size; g++) {
      const word = records.words[wordBase(g) + Word.state]!;
      const phase = word >>> PHASE_SHIFT;
      if (word === 0) this.neverSeen(g, end);
      else if (phase !== Phase.none) {
        emit.confirmed(g, kindByPhase[phase]!);
        emit.lastHint(g, records.floats[floatBase(g) + Float.partNs]!, end, kindByPhase[phase]!);
      }
    }
  }

  /** A goroutine without any event: it lived, unless the trace only refers to it. */
  private neverSeen(g: number, end: number): void {
    if (this.goroutines.infoOf(g)?.origin !== 'referred') this.arrive(g, end, SpanKind.unknown);
  }

  /** Of goroutines whose earlier events were cut off. */
  private restore(states: readonly GoroutineState[]): void {
    for (const state of states) {
      if (state.goid === 0) continue;
      const g = this.goroutines.indexOf(state.pid, state.goid);
      if (restoreState(this.records, this.waiting, g, state)) {
        this.sink.begin(g, state.sinceNs, false);
        if (this.announces) this.announce(g, state.sinceNs);
      }
      this.nowNs = Math.max(this.nowNs, state.lastNs);
    }
  }

  /** Events behind the end of the trace: they tell how spans went on that cross it, and are none of its own. */
  private rowsAfter(batch: TransitionBatch): void {
    const { counters, nowNs } = this;
    this.counters = newCounters();
    this.rows(batch);
    this.counters = counters;
    this.nowNs = nowNs;
  }

  private rows(batch: TransitionBatch): void {
    const { counters, goroutines } = this;
    const { words, floats } = this.records;
    const { offsetByReason } = this.waiting;
    const { pairs } = counters;
    const { timeNs, goid, pid, from, to, reason, length } = batch;
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
      const at = wordBase(g) + Word.state;
      floats[floatBase(g) + Float.nowNs] = now;
      if ((words[at]! & STATE_MASK) !== (before | SEEN)) this.rejoin(g, before);

      const why = reason[i]! & reasonMaskByPair[pair]!;
      const next = phaseByPair[pair]! + offsetByReason[why]!;
      this.change(batch, i, g, words[at]! >>> PHASE_SHIFT, next, why);
      words[at] = after | SEEN | (next << PHASE_SHIFT);
      words[wordBase(g) + Word.partReason] = why;
      floats[floatBase(g) + Float.partNs] = now;
    }
    this.nowNs = now;
  }

  private change(batch: TransitionBatch, row: number, g: number, phase: number, next: number, why: number): void {
    switch (actionByPhases[(phase << 4) | next]) {
      case Action.keep:
      case Action.ignore:
        this.counters.rows.within++;
        return;
      case Action.returnFromSystemStack:
        this.counters.rows.within++;
        this.emit.systemStack(g);
        return;
      case Action.begin:
        this.counters.rows.first++;
        this.sink.begin(g, this.timeOf(g), true);
        break;
      case Action.becomeRunnable:
        if (this.waitedForP(batch, row, g)) {
          this.counters.rows.within++;
          if (this.announces) this.emit.opened(g, SpanKind.runnable, this.timeOf(g));
          return;
        }
        this.counters.rows.ending++;
        this.emit.known(g, SpanKind.running);
        break;
      case Action.splitAtWait:
        this.counters.rows.ending++;
        this.splitAtWait(g);
        break;
      default:
        if (phase === Phase.blank) this.counters.rows.first++;
        else {
          this.counters.rows.ending++;
          this.emit.known(g, kindByPhase[phase]!);
        }
    }
    if (next === Phase.none) this.sink.end(g, this.timeOf(g));
    else this.open(batch, row, g, why, phase, next);
  }

  /** What a goroutine does when a cut trace begins. */
  private announce(g: number, sinceNs: number): void {
    const phase = this.records.words[wordBase(g) + Word.state]! >>> PHASE_SHIFT;
    this.emit.opened(g, kindByPhase[phase]!, sinceNs);
  }

  /** A new span begins, with what the row says. */
  private open(batch: TransitionBatch, row: number, g: number, why: number, phase: number, next: number): void {
    const { words, floats } = this.records;
    const base = wordBase(g);
    const p = batch.p[row]!;
    floats[floatBase(g) + Float.startNs] = floats[floatBase(g) + Float.nowNs]!;
    words[base + Word.reason] = why;
    words[base + Word.tid] = batch.tid[row]!;
    words[base + Word.place] = batch.cpu[row]! | (p << 16);
    words[base + Word.ranOnP] = words[base + Word.ranOnP]! | (p ^ NO_P);
    if (this.tracksStacks) words[base + Word.stack] = batch.stack[row]!;
    if (this.timesOnly) return;
    // Resumed after a stack scan: the collector's doing, not a wake-up by the program.
    const afterScan = phase === Phase.preempted;
    floats[floatBase(g) + Float.waker] = afterScan ? 0 : batch.waker[row]!;
    words[base + Word.wakeSource] = afterScan ? WakeSource.gc : batch.wakeSource[row]!;
    if (this.announces) this.emit.opened(g, kindByPhase[next]!, this.timeOf(g));
  }

  /** An event does not continue what was known of its goroutine, or is the first of it. */
  private rejoin(g: number, before: number): void {
    const { words, floats } = this.records;
    const at = wordBase(g) + Word.state;
    const dies = phaseByState[before] === Phase.none;
    if (words[at] !== 0) this.missed(g, before, dies);
    else if (!dies) this.arrive(g, this.timeOf(g), kindByPhase[phaseByState[before]!]!);
    words[at] = before | SEEN | ((dies ? Phase.none : Phase.blank) << PHASE_SHIFT);
    floats[floatBase(g) + Float.startNs] = this.timeOf(g);
    floats[floatBase(g) + Float.partNs] = this.timeOf(g);
  }

  private missed(g: number, before: number, dies: boolean): void {
    const { counters, emit, sink, records } = this;
    const partNs = records.floats[floatBase(g) + Float.partNs]!;
    const word = records.words[wordBase(g) + Word.state]!;
    const phase = word >>> PHASE_SHIFT;
    const pair = ((word & 0xff) << 8) | before;
    counters.unseenPairs[pair] = counters.unseenPairs[pair]! + 1;
    const wasDead = phase === Phase.none;
    if (wasDead && dies) return;
    if (wasDead) sink.begin(g, partNs, false);
    else emit.confirmed(g, kindByPhase[phase]!);
    emit.dark(g, SpanKind.unseen, partNs, this.timeOf(g), SpanKind.unseen);
    if (dies) sink.end(g, this.timeOf(g));
  }

  /** A goroutine whose creation is not in the trace: it lived since the trace began, or since it was first seen. */
  private arrive(g: number, now: number, hint: SpanKind): void {
    const info = this.goroutines.infoOf(g);
    const startNs = info?.origin === 'created' ? Math.min(Math.max(info.firstSeenNs, 0), now) : 0;
    this.sink.begin(g, startNs, false);
    this.emit.dark(g, SpanKind.unknown, startNs, now, hint);
  }

  private splitAtWait(g: number): void {
    const { words, floats } = this.records;
    this.emit.confirmed(g, SpanKind.running);
    floats[floatBase(g) + Float.startNs] = floats[floatBase(g) + Float.partNs]!;
    words[wordBase(g) + Word.reason] = words[wordBase(g) + Word.partReason]!;
    this.emit.known(g, SpanKind.waiting);
  }

  /**
   * True when the running span at hand was the search for a P; it then goes on as a runnable one. From Go 1.26 on,
   * exitsyscall says "running" before it has a P, and running→runnable when it gets none. Whoever executed has a P until
   * after that change (`goschedImpl`), so a row without one means that there was none since the system call; whether its
   * old P was still there when it began to leave says nothing, sysmon may take it at any time until then.
   */
  private waitedForP(batch: TransitionBatch, row: number, g: number): boolean {
    const { words } = this.records;
    const base = wordBase(g);
    const searched =
      batch.p[row] === NO_P && words[base + Word.ranOnP] !== 0 && words[base + Word.tid] === (batch.tid[row]! | 0);
    if (searched) this.counters.syscallExitsWithoutP++;
    return searched;
  }

  /** Time of the goroutine's event at hand. */
  private timeOf(g: number): number {
    return this.records.floats[floatBase(g) + Float.nowNs]!;
  }
}

function newCounters() {
  return {
    transitions: 0,
    anonymous: 0,
    backwards: 0,
    pairs: new Float64Array(1 << 16),
    unseenPairs: new Float64Array(1 << 16),
    syscallExitsWithoutP: 0,
    rows: { ending: 0, first: 0, within: 0 },
  };
}
