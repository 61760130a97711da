/**
 * Goroutines as threads of their start function's process, Ps as CPUs, states as states of threads: what Perfetto has views,
 * tables and queries for. What a state cannot say (the reason, the waker, the stack) is in slices on the thread's track.
 *
 *     running            Running, on CPU n for P n
 *     runnable           R  Runnable
 *     waiting            S  Sleeping                 slice called by the reason
 *     syscall            D  Uninterruptible Sleep    slice
 *     preempted          T  Stopped                  slice
 *     unseen, unknown    T  Stopped                  slice; no state before the first event of a goroutine
 *     exited             X  Exit (Dead)
 *
 * After its last event a goroutine keeps the state that was seen last, without an end (`dur = -1`).
 * Written for the machine: no object and no string per span; figures in test/bench/convert-bench.ts.
 */
import { type Span, SpanKind } from '../../model/span.js';
import type { TraceSegment } from '../../model/trace-segment.js';
import { NO_STACK } from '../../model/transition-batch.js';
import { writeStateCounters } from './counters.js';
import { writeThreadTrack } from './descriptors.js';
import { TaskState } from './fields.js';
import { type Lane, laneName } from './lanes.js';
import type { Extras, Layout, Parts } from './layout.js';
import type { NativeThreads } from './native-threads.js';
import { Category } from './slice-names.js';

/** By `SpanKind`. */
const stateByKind = [
  TaskState.running,
  TaskState.runnable,
  TaskState.interruptibleSleep,
  TaskState.uninterruptibleSleep,
  TaskState.stopped,
  TaskState.stopped,
  TaskState.stopped,
] as const;
const NONE = -1;
const MIN_GOROUTINES = 1024;
/** Whether a goroutine's last state, as written, is to have an end. */
const Ending = { noState: 0, due: 1, open: 2 } as const;
const NAMES_PER_DRAIN = 10_000;

export class NativeLayout implements Layout {
  readonly expected = {
    states: true,
    slices: (kind: SpanKind) => kind !== SpanKind.running && kind !== SpanKind.runnable,
  };
  readonly placeOfLosses = {};
  readonly #parts: Parts;
  readonly #threads: NativeThreads;
  /** Of each goroutine the end of its last wait, whose slice is not ended yet: the next span tells who ended it. Else -1. */
  #waitedNs = new Float64Array(MIN_GOROUTINES);
  /** Place where it runs, as far as was written. Else -1. */
  #place = new Int32Array(MIN_GOROUTINES);
  #ending = new Uint8Array(MIN_GOROUTINES);
  readonly #systemStack: number;
  readonly #args: Readonly<Record<'reason' | 'wokenBy' | 'stack' | 'thread' | 'lost', number>>;
  readonly #yes: number;

  constructor(parts: Parts, threads: NativeThreads) {
    const { packets } = parts;
    this.#parts = parts;
    this.#threads = threads;
    this.#systemStack = packets.category(Category.systemStack);
    this.#args = {
      reason: packets.argName('reason'),
      wokenBy: packets.argName('woken by'),
      stack: packets.argName('stack'),
      thread: packets.argName('OS thread'),
      lost: packets.argName('events lost'),
    };
    this.#yes = packets.argText('yes');
  }

  segment(segment: TraceSegment): void {
    this.#parts.stacks.add(segment);
  }

  begin(goroutine: number): void {
    if (goroutine >= this.#place.length) this.#grow(goroutine);
    this.#waitedNs[goroutine] = NONE;
    this.#place[goroutine] = NONE;
    this.#ending[goroutine] = Ending.noState;
  }

  span(span: Span, isFirst: boolean): void {
    const { goroutine, kind, startNs, endNs } = span;
    const lane = this.#parts.lives.laneOf(goroutine);
    if (this.#waitedNs[goroutine]! >= 0) this.#endWait(span, lane);
    if (kind === SpanKind.running) {
      this.#run(span, lane);
      return;
    }
    if (kind === SpanKind.unknown) this.#unknown(span, lane, isFirst);
    else {
      this.#state(goroutine, lane, startNs, stateByKind[kind]);
      const audit = this.#parts.audit.kinds[kind]!;
      audit.states++;
      audit.stateNs.add(endNs - startNs);
    }
    if (kind !== SpanKind.runnable) this.#slice(span, lane, isFirst);
  }

  systemStack(span: Span): void {
    const { packets, names, lives, audit } = this.#parts;
    const { uuid } = lives.laneOf(span.goroutine);
    const name = names.ofSystemStack(span);
    packets.sliceBegin(span.startNs, uuid, this.#systemStack, name);
    packets.end();
    packets.sliceEnd(span.endNs, uuid);
    packets.end();
    audit.systemStack.slices++;
    audit.systemStack.sliceNs.add(span.endNs - span.startNs);
  }

  leave(goroutine: number, timeNs: number, isDead: boolean): void {
    const lane = this.#parts.lives.laneOf(goroutine);
    const waitedNs = this.#waitedNs[goroutine]!;
    if (waitedNs >= 0) this.#closeWait(goroutine, lane, waitedNs, undefined);
    if (isDead) this.#state(goroutine, lane, timeNs, TaskState.destroyed);
    // The window ends within a span: whatever follows, the span's time is known.
    else if (this.#ending[goroutine] === Ending.due) this.#state(goroutine, lane, timeNs, TaskState.stopped);
  }

  async finish(endNs: number, { counters, osThreads }: Extras): Promise<void> {
    const { packets, programs, audit } = this.#parts;
    for (const program of counters ? programs.all : []) writeStateCounters(this.#parts, program, endNs, {});
    osThreads?.finish(endNs, programs, {});
    for (const group of programs.groups) {
      const { startFunction, goroutines, program, lanes } = group;
      const pid = this.#threads.pidOf(group);
      this.#threads.name(pid, `${programs.prefix(program)}${startFunction} ×${goroutines}`);
      audit.tracks += lanes.all.length;
      for (const [i, lane] of lanes.all.entries()) {
        const { uuid, tid } = lane;
        if (lane.goroutines > 1) writeThreadTrack(packets.out, { uuid, pid, tid, name: laneName(lane) });
        if (i % NAMES_PER_DRAIN === NAMES_PER_DRAIN - 1) await packets.drain();
      }
    }
  }

  #run(span: Span, lane: Lane): void {
    const { goroutine, startNs, endNs } = span;
    const { places, lives, audit } = this.#parts;
    // The UI wants another state between two CPUs.
    if (this.#place[goroutine]! >= 0) this.#state(goroutine, lane, startNs, TaskState.runnable);
    const group = lives.groupOf(goroutine);
    group.runningNs += endNs - startNs;
    const place = places.take(group.program, span.p, startNs, endNs);
    const running = audit.kinds[SpanKind.running]!;
    if (place === undefined) {
      this.#state(goroutine, lane, startNs, TaskState.stopped);
      running.stateless++;
      running.statelessNs.add(endNs - startNs);
      return;
    }
    this.#parts.packets.state(startNs, lane.tid, place, TaskState.running);
    this.#place[goroutine] = place;
    this.#ending[goroutine] = Ending.due;
    running.states++;
    running.stateNs.add(endNs - startNs);
  }

  #unknown(span: Span, lane: Lane, isFirst: boolean): void {
    const { goroutine, hint, startNs, endNs } = span;
    const audit = this.#parts.audit.kinds[SpanKind.unknown]!;
    const isLast = !isFirst && hint !== SpanKind.unknown;
    // A lane that another goroutine used would go on with that one's state.
    const isFresh = isFirst && lane.goroutines === 1;
    if (isLast) {
      this.#state(goroutine, lane, startNs, hint === SpanKind.running ? TaskState.stopped : stateByKind[hint]);
      this.#ending[goroutine] = Ending.open;
    } else if (!isFresh) this.#state(goroutine, lane, startNs, TaskState.stopped);
    if (isLast || isFresh) {
      audit.stateless++;
      audit.statelessNs.add(endNs - startNs);
    } else {
      audit.states++;
      audit.stateNs.add(endNs - startNs);
    }
  }

  /** A state that is not running, from `timeNs` on. */
  #state(goroutine: number, lane: Lane, timeNs: number, state: number): void {
    const place = this.#place[goroutine]!;
    this.#parts.packets.state(timeNs, lane.tid, place < 0 ? 0 : place, state);
    if (place >= 0) {
      this.#parts.places.leave(place);
      this.#place[goroutine] = NONE;
    }
    this.#ending[goroutine] = Ending.due;
  }

  #slice(span: Span, lane: Lane, isFirst: boolean): void {
    const { packets, names, stacks, audit } = this.#parts;
    const { goroutine, kind, startNs, endNs } = span;
    const name = names.ofSpan(span, isFirst);
    const reason = names.reasonOf(span);
    const stack = span.stack === NO_STACK ? undefined : stacks.iidOf(span.stack);
    packets.sliceBegin(startNs, lane.uuid, names.categories[kind]!, name);
    if (reason !== undefined) packets.argIid(this.#args.reason, reason);
    if (kind === SpanKind.syscall) packets.argUint(this.#args.thread, span.tid);
    if (stack !== undefined) packets.argIid(this.#args.stack, stack);
    if (span.crossesGap) packets.argIid(this.#args.lost, this.#yes);
    packets.end();
    if (kind === SpanKind.waiting) this.#waitedNs[goroutine] = endNs;
    else {
      packets.sliceEnd(endNs, lane.uuid);
      packets.end();
    }
    const counted = audit.kinds[kind]!;
    counted.slices++;
    counted.sliceNs.add(endNs - startNs);
  }

  #endWait(span: Span, lane: Lane): void {
    const { labels, lives } = this.#parts;
    const { goroutine, kind } = span;
    const isWoken = kind === SpanKind.runnable;
    const waker = isWoken ? labels.ofWaker(span, lives.groupOf(goroutine).program) : undefined;
    this.#closeWait(goroutine, lane, this.#waitedNs[goroutine]!, waker);
  }

  #closeWait(goroutine: number, lane: Lane, timeNs: number, waker: number | undefined): void {
    const { packets } = this.#parts;
    packets.sliceEnd(timeNs, lane.uuid);
    if (waker !== undefined) packets.argIid(this.#args.wokenBy, waker);
    packets.end();
    this.#waitedNs[goroutine] = NONE;
  }

  #grow(goroutine: number): void {
    const size = 2 * goroutine;
    const [waitedNs, place, ending] = [new Float64Array(size), new Int32Array(size), new Uint8Array(size)];
    waitedNs.set(this.#waitedNs);
    place.set(this.#place);
    ending.set(this.#ending);
    this.#waitedNs = waitedNs;
    this.#place = place;
    this.#ending = ending;
  }
}
