/**
 * One recording: probes attached to a target, events drained into segments.
 *
 *     using recording = new Recording(target, options);   // probes are in place, nothing is recorded yet
 *     recording.begin(sink);
 *     while (…) recording.poll();                          // every 10 ms
 *     recording.stop();
 */

import type { Gap, ProbeFact } from '../model/trace-facts.js';
import type { SegmentDetails } from '../model/trace-segment.js';
import { BpfObject } from './bpf-object.js';
import { type Clocks, monotonicNs, readClocks } from './clocks.js';
import type { DecoderEvents } from './decoder-events.js';
import type { DetailSource } from './detail-source.js';
import { EventDecoder } from './event-decoder.js';
import type { GoTarget } from './go-target.js';
import { countGoroutines, GoroutineFacts } from './goroutine-facts.js';
import { LiveCheck } from './live-check.js';
import { type CounterTotals, LossCounters } from './loss-counters.js';
import { attachAll, bpfLayout } from './probe-setup.js';
import { SEGMENT_NS, SEGMENT_ROWS, TAIL_ROWS } from './row-buffer.js';
import type { SegmentSink } from './segment-sink.js';
import { StackRegistry } from './stack-registry.js';
import { numberReasons } from './wait-reasons.js';

/** An event is submitted this long after the events around it at most, or its time is raised. */
const LATE_NS = 10e6;

export interface RecordingOptions {
  readonly bufferBytes: number;
  /** With the stack of each goroutine that begins to wait or enters a system call. */
  readonly stacks?: boolean;
  /** Recorded besides transitions. The recording owns them. */
  readonly details?: readonly DetailSource[];
}

/** Everything that was counted: see `Losses` in schemas/trace.proto. */
export interface RecordingTotals extends CounterTotals {
  readonly transitions: number;
  readonly goroutines: number;
  readonly folded: number;
  readonly unnamed: number;
  readonly mismatched: number;
  readonly clamped: number;
}

export class Recording implements Disposable {
  /** Time 0. Nothing is recorded before `begin`, but nothing that is comes earlier. */
  readonly start: Clocks;
  /** When recording ended; set by `stop`. */
  end: Clocks | undefined;
  readonly probes: readonly ProbeFact[];
  readonly reasons: readonly string[];
  readonly #target: GoTarget;
  readonly #bpf: BpfObject;
  readonly #decoder: EventDecoder;
  readonly #counters: LossCounters;
  readonly #goroutines: GoroutineFacts;
  readonly #stacks: StackRegistry;
  readonly #liveCheck = new LiveCheck();
  readonly #details: readonly DetailSource[];
  #sink: SegmentSink | undefined;
  #gaps: Gap[] = [];
  #written = { transitions: 0, goroutines: 0, clamped: 0, lastNs: 0 };
  /** Every event before this time has been read. */
  #settledNs = 0;
  #detailsTakenNs = 0;
  #lostDetails = 0;

  /** Loads and attaches. @throws UserError with a remedy */
  constructor(target: GoTarget, options: RecordingOptions) {
    this.#target = target;
    this.#details = options.details ?? [];
    this.#goroutines = new GoroutineFacts(target.exe);
    this.#stacks = new StackRegistry((pid) => this.#goroutines.symbolsOf(pid));
    const layout = bpfLayout(target, { stacks: options.stacks === true });
    this.#bpf = new BpfObject({ layout, bufferBytes: options.bufferBytes });
    try {
      this.probes = [...attachAll(this.#bpf, target), ...this.#details.flatMap(({ probes }) => probes)];
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    this.start = readClocks();
    const reasons = numberReasons(target.exe.waitReasons);
    this.reasons = reasons.texts;
    const { minor } = target.exe.goVersion;
    this.#decoder = new EventDecoder(
      this.#bpf.ring,
      {
        startNs: this.start.monotonicNs,
        reasons,
        staleGoidAtCreation: minor <= 23,
        reasonOnlyFromPark: minor <= 19,
      },
      this.#decoderEvents(),
    );
    this.#counters = new LossCounters(this.#bpf.counters, this.#bpf.control, this.#bpf.cpus, this.start.monotonicNs);
  }

  /** Starts: every change of state from now on goes to `sink`, a segment at a time. */
  begin(sink: SegmentSink): void {
    this.#sink = sink;
    for (const details of this.#details) details.begin(this.start.monotonicNs);
    this.#bpf.enable(true);
  }

  /** Reads what has come; writes a segment when one is full or its second is over. Returns bytes that were waiting. */
  poll(): number {
    const now = monotonicNs();
    const waiting = this.#decoder.drain();
    for (const details of this.#details) details.poll();
    this.#settledNs = Number(now - this.start.monotonicNs);
    this.#locateLosses();
    if (this.#decoder.rows.isDue(this.#settledNs)) this.#flush();
    else if (this.#decoder.rows.length === 0) this.#flushDetails();
    return waiting;
  }

  /** What the details cannot show, in sentences. */
  get invisible(): readonly string[] {
    return this.#details.flatMap(({ invisible }) => invisible);
  }

  get bufferBytes(): number {
    return this.#bpf.ring.bytes;
  }

  /** Rows read so far, for a progress line. */
  get transitions(): number {
    return this.#decoder.counts.events - this.#decoder.counts.folded;
  }

  get lost(): number {
    const totals = this.#counters.totals();
    return totals.dropped + totals.faulted;
  }

  /** Events that the details lost so far; the totals do not count them. */
  get lostDetails(): number {
    return this.#lostDetails;
  }

  /** Ends: removes the probes, reads what is left and writes it. @throws what the sink throws */
  stop(): void {
    this.#bpf.enable(false);
    for (const details of this.#details) details.end();
    this.end = readClocks();
    this.#bpf.detach();
    for (const details of this.#details) details.stop();
    this.poll();
    while (this.#decoder.rows.length > 0) this.#flush(true);
    const details = this.#takeDetails(Number.POSITIVE_INFINITY);
    const isEmpty = Object.keys(details).length === 0;
    if (this.#gaps.length > 0 || this.#goroutines.count > 0 || !isEmpty) this.#write(0, details);
  }

  /**
   * For a recording whose rows cannot be written any more: gaps in their place, which take less room.
   * @throws what the sink throws
   */
  writeLosses(): void {
    const { rows } = this.#decoder;
    const { submitted, folded, transitions } = this.totals();
    const toNs = Number((this.end ?? this.start).monotonicNs - this.start.monotonicNs);
    const fromNs = Math.min(this.#written.lastNs, toNs);
    this.#gaps.push({ fromNs, toNs, lost: submitted - folded - transitions, why: 'not written' });
    this.#sink?.segment(rows.head(0), [], this.#gaps);
    this.#gaps = [];
  }

  /** What was counted so far; balanced once recording has stopped. */
  totals(): RecordingTotals {
    const { folded, unnamed, mismatched } = this.#decoder.counts;
    const { transitions, goroutines, clamped } = this.#written;
    return { ...this.#counters.totals(), transitions, goroutines, folded, unnamed, mismatched, clamped };
  }

  [Symbol.dispose](): void {
    this.#bpf[Symbol.dispose]();
    for (const details of this.#details) details[Symbol.dispose]();
    this.#goroutines[Symbol.dispose]();
  }

  /**
   * Writes the rows that are settled: nothing that comes later belongs before them, and no creation among them can
   * still get its id. Waiting for an id ends after the time of one segment.
   */
  #flush(everything = false): void {
    const { rows, pending } = this.#decoder;
    const latestNs = rows.timeNs[rows.length - 1]!;
    let count = Math.min(SEGMENT_ROWS, rows.countUntil(rows.timeNs[0]! + SEGMENT_NS - 1));
    if (!everything) {
      const full = rows.length >= SEGMENT_ROWS + TAIL_ROWS;
      const settled = full ? rows.length - TAIL_ROWS : rows.countUntil(Math.max(this.#settledNs, latestNs - LATE_NS));
      const ready = pending.oldestRow(Math.min(count, settled), latestNs - SEGMENT_NS);
      // A full buffer must go, even when a creation near its start still waits.
      if (!full || ready > SEGMENT_ROWS / 2) count = ready;
    }
    if (count > 0) this.#write(count);
  }

  /** Where no goroutine changes its state, what else happens leaves once a second too. */
  #flushDetails(): void {
    if (this.#details.length === 0 || this.#settledNs - this.#detailsTakenNs < SEGMENT_NS) return;
    const details = this.#takeDetails(this.#settledNs - LATE_NS);
    if (Object.keys(details).length > 0) this.#write(0, details);
  }

  #write(count: number, details?: SegmentDetails): void {
    const { rows } = this.#decoder;
    this.#liveCheck.check(this.#decoder.counts, this.#target.exe);
    // An event that was overtaken by a whole segment: raise its time rather than let time run backwards.
    for (let row = 0; row < count && rows.timeNs[row]! < this.#written.lastNs; row++) {
      rows.timeNs[row] = this.#written.lastNs;
      this.#written.clamped++;
    }
    const lastNs = count > 0 ? rows.timeNs[count - 1]! : this.#written.lastNs;
    const goroutines = this.#goroutines.take();
    this.#sink?.segment(rows.head(count), goroutines, this.#gaps, details ?? this.#takeDetails(lastNs));
    if (count > 0) this.#written.lastNs = rows.timeNs[count - 1]!;
    this.#written.transitions += count;
    this.#written.goroutines += countGoroutines(goroutines);
    this.#gaps = [];
    this.#decoder.rowsWritten(count);
  }

  #takeDetails(untilNs: number): SegmentDetails {
    this.#detailsTakenNs = untilNs;
    // A segment can be full in the middle of a drain: what happened in its time may still be in the rings of the details.
    for (const details of this.#details) details.poll();
    return Object.assign(this.#stacks.take(), ...this.#details.map((details) => details.take(untilNs)));
  }

  #locateLosses(): void {
    for (const gap of this.#details.flatMap((details) => details.takeLosses())) {
      this.#gaps.push(gap);
      this.#lostDetails += gap.lost;
    }
    const relative = (ns: bigint) => Math.max(0, Number(ns - this.start.monotonicNs));
    for (const loss of this.#counters.takeLosses(monotonicNs())) {
      this.#gaps.push({ ...loss, fromNs: relative(loss.fromNs), toNs: relative(loss.toNs) });
      if (loss.stream !== undefined) this.#lostDetails += loss.lost;
    }
  }

  #decoderEvents(): DecoderEvents {
    const goroutines = this.#goroutines;
    const stacks = this.#stacks;
    return {
      created: (pid, goid, creation) => goroutines.created(pid, goid, creation),
      found: (pid, goid, timeNs, g) => goroutines.found(pid, goid, timeNs, g),
      // One process is recorded until it executes another program: whoever watches it ends the recording.
      programBegins: (pid, startPc, goPc) => {
        const reborn = goroutines.programBegins(pid, startPc, goPc);
        return reborn === undefined || this.#target.pid === 0 ? reborn : 0;
      },
      relabelled: (pid, goid, timeNs, labels) => goroutines.relabelled(pid, goid, timeNs, labels),
      wakeSource: (pid, returnAddress, reason) =>
        goroutines.symbolsOf(pid).wakeSource(returnAddress, this.reasons[reason] ?? ''),
      isPark: (pid, returnAddress) => goroutines.symbolsOf(pid).functionName(returnAddress) === 'runtime.park_m',
      stackDefined: (stack) => stacks.define(stack),
      stackOf: (hash) => stacks.idOf(hash),
      segmentFull: () => this.#flush(),
    };
  }
}
