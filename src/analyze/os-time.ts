/**
 * What the operating system did while goroutines ran or were in system calls (`record --sched`): spans and rows of the
 * schedule joined by thread. One pass; memory by the number of threads and goroutines.
 *
 *     const osTime = new OsTime(goroutines, facts.window);
 *     for await (const segment of source.segments()) {
 *       osTime.segment(segment);         // before its spans
 *       replay.segment(segment);         // hands spans to osTime.span
 *     }
 *     osTime.result()
 *
 * As a sink it needs `tid` of spans: `timesOnly` must not be true.
 */
import { NO_SYSCALL, type OsScheduleBatch, OsState } from '../model/os-schedule.js';
import { type Span, SpanKind } from '../model/span.js';
import type { GoroutineDirectory } from '../model/span-sink.js';
import type { TraceSegment } from '../model/trace-segment.js';
import type { TraceWindow } from '../model/trace-window.js';
import { MissingRows } from './missing-rows.js';
import type { OsTimes, SyscallTimes } from './os-times.js';
import { type PieceSink, ThreadHistory, UNKNOWN_STATE } from './thread-history.js';

/** Places in a row of sums; the same again, from {@link IN_SYSCALL} on, for system calls. */
const Place = { onCpu: 0, preempted: 1, asleepInFault: 2, asleepInSyscall: 3, stopped: 4, unknown: 5 } as const;
const IN_SYSCALL = 6;
const ROW = 12;

const ALL: TraceWindow = { fromNs: 0, toNs: Number.POSITIVE_INFINITY };

export class OsTime implements PieceSink {
  readonly #goroutines: Pick<GoroutineDirectory, 'pidOf'>;
  readonly #window: TraceWindow;
  readonly #missing: MissingRows;
  /** By process, then thread: other hosts in a merged trace may use the same numbers. */
  readonly #threads = new Map<number, Map<number, ThreadHistory>>();
  readonly #calls = new Map<number, Mutable<SyscallTimes>>();
  #sums = new Float64Array(64 * ROW);
  #rows = 0;
  /** Of the span at hand: where its sums are, and the first system call that was seen in it. */
  #base = 0;
  #call = NO_SYSCALL;

  /** @param window time that counts: all that the trace tells, or the part that it was cut to */
  constructor(goroutines: Pick<GoroutineDirectory, 'pidOf'>, window: TraceWindow = ALL) {
    this.#goroutines = goroutines;
    this.#window = window;
    this.#missing = new MissingRows(window);
  }

  /** False for a trace without any row about threads: what is said of it then is only that all is unknown. */
  get hasSchedule(): boolean {
    return this.#rows > 0;
  }

  /** Must come before the spans that end in the segment. */
  segment({ osSchedule, gaps }: Pick<TraceSegment, 'osSchedule' | 'gaps'>): void {
    this.#missing.addGaps(gaps);
    if (osSchedule !== undefined) this.schedule(osSchedule);
  }

  schedule(batch: OsScheduleBatch): void {
    this.#rows += batch.length;
    for (let row = 0; row < batch.length; row++) {
      const history = this.#historyOf(batch.pid[row]!, batch.tid[row]!);
      history.add(batch.timeNs[row]!, batch.state[row]!, batch.syscall[row]!);
    }
  }

  span(span: Span): void {
    const { goroutine, kind, startNs, endNs, tid } = span;
    if (kind !== SpanKind.running && kind !== SpanKind.syscall) return;
    this.#base = goroutine * ROW + (kind === SpanKind.syscall ? IN_SYSCALL : 0);
    this.#reserve(goroutine);
    this.#call = NO_SYSCALL;
    const pid = this.#goroutines.pidOf(goroutine);
    if (!this.#threads.has(pid)) {
      // Nobody watched this process.
      this.add(UNKNOWN_STATE, NO_SYSCALL, this.#missing.lengthOf(startNs, endNs));
      return;
    }
    const history = this.#historyOf(pid, tid);
    const { fromNs, toNs } = this.#window;
    // Where rows begin and end with the window, a thread may have come before and left behind it.
    const coversAll = startNs <= fromNs && endNs >= toNs;
    const borders = { start: coversAll ? 'cut' : 'change', end: endNs < toNs ? 'change' : 'cut' } as const;
    history.walk(startNs, Math.min(endNs, toNs), borders, this);
    history.dropUntil(endNs);
    if (kind === SpanKind.syscall) this.#callTimes(this.#call).spans++;
  }

  /** A piece of the span at hand. */
  add(state: number, syscall: number, ns: number): void {
    const at = this.#base + placeOf(state, syscall);
    this.#sums[at] = this.#sums[at]! + ns;
    if (this.#base % ROW !== IN_SYSCALL || state === UNKNOWN_STATE) return;
    if (this.#call === NO_SYSCALL) this.#call = syscall;
    const times = this.#callTimes(syscall);
    if (state === OsState.onCpu) times.onCpuNs += ns;
    else if (state === OsState.preempted) times.preemptedNs += ns;
    else times.asleepNs += ns;
  }

  /** Of one goroutine. */
  ofGoroutine(goroutine: number): Pick<OsTimes, 'execution' | 'syscalls'> {
    const start = goroutine * ROW;
    return named(start < this.#sums.length ? this.#sums.subarray(start, start + ROW) : new Float64Array(ROW));
  }

  /** Of all goroutines together. */
  result(): OsTimes {
    const sums = new Float64Array(ROW);
    for (let at = 0; at < this.#sums.length; at++) sums[at % ROW] = sums[at % ROW]! + this.#sums[at]!;
    const total = ({ onCpuNs, preemptedNs, asleepNs }: SyscallTimes) => onCpuNs + preemptedNs + asleepNs;
    const bySyscall = [...this.#calls.values()].map((times) => ({ ...times }));
    return { ...named(sums), bySyscall: bySyscall.sort((a, b) => total(b) - total(a) || a.number - b.number) };
  }

  #callTimes(number: number): Mutable<SyscallTimes> {
    let times = this.#calls.get(number);
    if (times === undefined) {
      times = { number, spans: 0, onCpuNs: 0, preemptedNs: 0, asleepNs: 0 };
      this.#calls.set(number, times);
    }
    return times;
  }

  #historyOf(pid: number, tid: number): ThreadHistory {
    let threads = this.#threads.get(pid);
    if (threads === undefined) {
      threads = new Map();
      this.#threads.set(pid, threads);
    }
    let history = threads.get(tid);
    if (history === undefined) {
      history = new ThreadHistory(this.#missing);
      threads.set(tid, history);
    }
    return history;
  }

  #reserve(goroutine: number): void {
    const needed = (goroutine + 1) * ROW;
    if (needed <= this.#sums.length) return;
    const sums = new Float64Array(Math.max(needed, 2 * this.#sums.length));
    sums.set(this.#sums);
    this.#sums = sums;
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function placeOf(state: number, syscall: number): number {
  switch (state) {
    case UNKNOWN_STATE:
      return Place.unknown;
    case OsState.onCpu:
      return Place.onCpu;
    case OsState.preempted:
      return Place.preempted;
    case OsState.sleeping:
    case OsState.uninterruptible:
      return syscall === NO_SYSCALL ? Place.asleepInFault : Place.asleepInSyscall;
    default:
      return Place.stopped;
  }
}

function named(sums: Float64Array): Pick<OsTimes, 'execution' | 'syscalls'> {
  const of = (base: number) => ({
    onCpuNs: sums[base + Place.onCpu]!,
    preemptedNs: sums[base + Place.preempted]!,
    asleepInFaultNs: sums[base + Place.asleepInFault]!,
    asleepInSyscallNs: sums[base + Place.asleepInSyscall]!,
    stoppedNs: sums[base + Place.stopped]!,
    unknownNs: sums[base + Place.unknown]!,
  });
  return { execution: of(0), syscalls: of(IN_SYSCALL) };
}
