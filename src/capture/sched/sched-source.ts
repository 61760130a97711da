/** `record --sched`: what the operating system did with the target's threads, as a source of details. */
import type { ProbeFact } from '../../model/trace-facts.js';
import type { SegmentDetails } from '../../model/trace-segment.js';
import { monotonicNs } from '../clocks.js';
import type { DetailSource } from '../detail-source.js';
import type { GoTarget } from '../go-target.js';
import { type CounterTotals, LossCounters } from '../loss-counters.js';
import { findProcessesOf, readFileIdentity } from '../proc.js';
import { SchedDecoder } from './sched-decoder.js';
import { SCHED_SWITCH } from './sched-layout.js';
import { SchedObject } from './sched-object.js';

const INVISIBLE = [
  'what a thread did before its first switch is not known: whether it was on a CPU or asleep when recording began',
];

export class SchedSource implements DetailSource {
  readonly probes: readonly ProbeFact[] = [
    { symbol: SCHED_SWITCH, attached: true, offset: 0, instruction: 'tracepoint', emulated: true, why: '' },
  ];
  readonly invisible = INVISIBLE;
  readonly #object: SchedObject;
  readonly #attachedNs: bigint;
  #startNs = 0n;
  #decoder: SchedDecoder | undefined;
  #losses: LossCounters | undefined;
  #takenNs = 0;

  /**
   * Loads and attaches; nothing is recorded before `begin`.
   * @param bufferBytes of its own ring buffer, a power of two and a multiple of the page size
   * @throws UserError
   */
  constructor(target: GoTarget, bufferBytes: number) {
    this.#object = new SchedObject(target.pid, bufferBytes);
    try {
      this.#object.attachSwitches();
      if (target.pid === 0) this.#followProcesses(target);
    } catch (error) {
      this.#object[Symbol.dispose]();
      throw error;
    }
    this.#attachedNs = monotonicNs();
  }

  begin(startNs: bigint): void {
    const { ring, counters, control, cpus } = this.#object;
    this.#startNs = startNs;
    this.#decoder = new SchedDecoder(ring, startNs);
    this.#losses = new LossCounters(counters, control, cpus, this.#attachedNs);
    this.#object.enable(true);
  }

  poll(): void {
    this.#decoder?.drain();
  }

  end(): void {
    this.#object.enable(false);
  }

  stop(): void {
    this.#object.detach();
  }

  take(untilNs: number): SegmentDetails {
    const rows = this.#decoder?.rows;
    if (rows === undefined || rows.length === 0) return {};
    const osSchedule = rows.take(untilNs, this.#takenNs);
    if (osSchedule.length === 0) return {};
    this.#takenNs = osSchedule.timeNs[osSchedule.length - 1]!;
    return { osSchedule };
  }

  takeLosses(): ReturnType<DetailSource['takeLosses']> {
    const relative = (ns: bigint) => Math.max(0, Number(ns - this.#startNs));
    const losses = this.#losses?.takeLosses(monotonicNs()) ?? [];
    return losses.map(({ fromNs, toNs, lost, why }) => ({
      fromNs: relative(fromNs),
      toNs: relative(toNs),
      lost,
      why,
      stream: 'osSchedule',
    }));
  }

  /** hits + paired = submitted + dropped + filtered; a hit is a switch of any thread of the machine. */
  totals(): CounterTotals | undefined {
    return this.#losses?.totals();
  }

  [Symbol.dispose](): void {
    this.#object[Symbol.dispose]();
  }

  /** Those that run already are looked for once the others are followed: none falls in between. */
  #followProcesses({ exe, path }: GoTarget): void {
    this.#object.attachProcesses(path, exe.fileOffsetOf(exe.entry) ?? 0);
    const file = readFileIdentity(path);
    if (file === undefined) return;
    for (const pid of findProcessesOf(file)) this.#object.addProcess(pid);
  }
}
