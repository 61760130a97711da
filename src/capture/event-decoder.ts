/**
 * Ring buffer records → rows. This is the recorder's hot loop: typed arrays, no allocation per event, no BigInt.
 * 64-bit fields are read as two words; times become ns since the start of the trace, exact in a float64.
 */
import { GoState } from '../model/go-state.js';
import type { Label } from '../model/trace-facts.js';
import { WakeSource } from '../model/wake-source.js';
import { EVENT, EVENT_BYTES, PROBE_STATUS_MISMATCH, Probe } from './bpf-layout.js';
import type { DecoderEvents, DecoderOptions } from './decoder-events.js';
import { isLabels, isStack, type LabelsRecord, readLabels, readStack } from './description-records.js';
import { BUSY_BIT, DISCARD_BIT, type EventRing, RECORD_HEADER_BYTES } from './event-ring.js';
import { GoroutineTracker, NOT_PENDING } from './goroutine-tracker.js';
import { type Creation, PendingCreations } from './pending-creations.js';
import { RowBuffer } from './row-buffer.js';

const TWO_32 = 4_294_967_296;
const word = (field: keyof typeof EVENT) => EVENT[field] / 4;
const TIME = word('time_ns');
const G = word('g');
const GOID = word('goid');
const WAKER = word('waker');
const PC = word('pc');
const EXTRA = word('extra');
const TID = word('tid');
const TGID = word('tgid');

export class EventDecoder {
  readonly rows = new RowBuffer();
  readonly pending = new PendingCreations();
  /** Events read, folded into another, contradicted by memory, of a g whose id changed while it lived. */
  readonly counts = { events: 0, folded: 0, mismatched: 0, unstable: 0, unnamed: 0 };
  readonly #tracker = new GoroutineTracker();
  /** By process and g: labels of a goroutine whose creation comes next. */
  readonly #inherited = new Map<string, readonly Label[]>();
  /** Processes that executed the program anew, and what pid their events have since. */
  readonly #reborn = new Map<number, number>();
  readonly #ring: EventRing;
  readonly #events: DecoderEvents;
  readonly #options: DecoderOptions;
  readonly #baseLow: number;
  readonly #baseHigh: number;

  constructor(ring: EventRing, options: DecoderOptions, events: DecoderEvents) {
    this.#ring = ring;
    this.#options = options;
    this.#events = events;
    this.#baseLow = Number(options.startNs & 0xffff_ffffn);
    this.#baseHigh = Number(options.startNs >> 32n);
  }

  /** Reads every complete record; returns the bytes that were waiting. */
  drain(): number {
    const ring = this.#ring;
    const start = ring.consumerPosition();
    const waiting = (ring.producerPosition() - start) >>> 0;
    let read = 0;
    while (read < waiting) {
      const offset = ((start + read) & ring.mask) >>> 0;
      const header = ring.header(offset);
      if (header & BUSY_BIT) break;
      const length = header & ~DISCARD_BIT;
      if (!(header & DISCARD_BIT)) {
        if (length === EVENT_BYTES) this.#event(offset + RECORD_HEADER_BYTES);
        else this.#description(offset + RECORD_HEADER_BYTES, length);
      }
      read += (length + RECORD_HEADER_BYTES + 7) & ~7;
    }
    if (read > 0) ring.release(read);
    return waiting;
  }

  #description(at: number, length: number): void {
    if (isStack(length)) this.#events.stackDefined(this.#ofLife(readStack(this.#ring, at)));
    else if (isLabels(length)) this.#labels(this.#ofLife(readLabels(this.#ring, at)));
  }

  #ofLife<T extends { readonly pid: number }>(record: T): T {
    return { ...record, pid: this.#reborn.get(record.pid) ?? record.pid };
  }

  #labels(record: LabelsRecord): void {
    const { pid, g, goid, labels } = record;
    if (record.created) {
      this.#inherited.set(`${pid}:${g}`, labels);
      return;
    }
    const slot = this.#tracker.slotOf(g, pid);
    const timeNs = (record.timeHigh - this.#baseHigh) * TWO_32 + (record.timeLow - this.#baseLow);
    if (this.#tracker.pending[slot] !== NOT_PENDING) this.#resolve(slot, pid, goid);
    else if (this.#tracker.goid[slot] !== goid) {
      this.#tracker.goid[slot] = goid;
      this.#events.found(pid, goid, timeNs, g);
    }
    this.#events.relabelled(pid, goid, timeNs, labels);
  }

  #event(at: number): void {
    const { u32, u8 } = this.#ring;
    const w = at >>> 2;
    const from = u8[at + EVENT.from]!;
    const to = u8[at + EVENT.to]!;
    const flags = u8[at + EVENT.probe]!;
    const probe = flags & ~PROBE_STATUS_MISMATCH;
    this.counts.events++;
    const pid = this.#pidOf(w, from, to);
    if (pid === 0) {
      this.counts.folded++;
      return;
    }
    const g = u32[w + G + 1]! * TWO_32 + u32[w + G]!;
    const slot = this.#tracker.slotOf(g, pid);
    if (flags !== probe) this.counts.mismatched++;
    const previous = this.#tracker.last[slot]!;
    if (isRepeated(previous, from, to, probe)) {
      this.counts.folded++;
      return;
    }
    this.#tracker.last[slot] = (from << 16) | (to << 8) | probe;
    const timeNs = (u32[w + TIME + 1]! - this.#baseHigh) * TWO_32 + (u32[w + TIME]! - this.#baseLow);
    const row = this.#openRow(timeNs);
    this.#fillRow(row, at, pid, from, to, probe);
    this.#nameRow(row, slot, w, g, pid, from, to, previous);
  }

  /** 0: not of this recording. */
  #pidOf(w: number, from: number, to: number): number {
    const { u32 } = this.#ring;
    const pid = u32[w + TGID]!;
    if (isCreation(from, to) && u32[w + WAKER] === 0 && u32[w + WAKER + 1] === 0) {
      const startPc = u32[w + PC + 1]! * TWO_32 + u32[w + PC]!;
      const goPc = u32[w + EXTRA + 1]! * TWO_32 + u32[w + EXTRA]!;
      const reborn = this.#events.programBegins(pid, startPc, goPc);
      if (reborn !== undefined) this.#reborn.set(pid, reborn);
    }
    return this.#reborn.size === 0 ? pid : (this.#reborn.get(pid) ?? pid);
  }

  #openRow(timeNs: number): number {
    const rows = this.rows;
    if (rows.length > 0 && timeNs < rows.timeNs[rows.length - 1]!) {
      const row = rows.open(timeNs);
      this.pending.rowInserted(row);
      return row;
    }
    if (rows.isDue(timeNs)) this.#events.segmentFull();
    return rows.open(timeNs);
  }

  #fillRow(row: number, at: number, pid: number, from: number, to: number, probe: number): void {
    const { u32, u16, u8 } = this.#ring;
    const { rows } = this;
    const w = at >>> 2;
    // needm makes its own goroutine the thread's before it leaves `dead`: nobody woke it.
    const waker = to === GoState.syscall ? 0 : u32[w + WAKER + 1]! * TWO_32 + u32[w + WAKER]!;
    const pc = u32[w + PC + 1]! * TWO_32 + u32[w + PC]!;
    rows.pid[row] = pid;
    rows.tid[row] = u32[w + TID]!;
    rows.cpu[row] = u16[(at + EVENT.cpu) >>> 1]!;
    rows.p[row] = u16[(at + EVENT.p) >>> 1]!;
    rows.from[row] = from;
    rows.to[row] = to;
    rows.stack[row] = from === GoState.running ? this.#stackOf(w) : 0;
    rows.waker[row] = waker;
    const reason = u8[at + EVENT.reason]!;
    rows.reason[row] = to === GoState.waiting ? this.#reason(pid, from, probe, reason, pc) : 0;
    let source: number = WakeSource.none;
    if (waker !== 0) source = WakeSource.goroutine;
    else if (from === GoState.waiting && to === GoState.runnable) source = this.#events.wakeSource(pid, pc, reason);
    rows.wakeSource[row] = source;
  }

  #stackOf(w: number): number {
    const { u32 } = this.#ring;
    const hash = u32[w + EXTRA + 1]! * TWO_32 + u32[w + EXTRA]!;
    return hash === 0 ? 0 : this.#events.stackOf(hash);
  }

  /** The reason stands in the g before the change, except where the function that was probed sets it itself. */
  #reason(pid: number, from: number, probe: number, inMemory: number, pc: number): number {
    const { reasons, reasonOnlyFromPark } = this.#options;
    if (probe === Probe.fromPreempted) return reasons.preempted;
    if (probe === Probe.coroswitch) return reasons.coroutine;
    if (reasonOnlyFromPark && from === GoState.running && !this.#events.isPark(pid, pc)) return reasons.systemStack;
    return inMemory;
  }

  /** Finds out which goroutine has this g now. */
  #nameRow(
    row: number,
    slot: number,
    w: number,
    g: number,
    pid: number,
    from: number,
    to: number,
    previous: number,
  ): void {
    const { u32 } = this.#ring;
    const { goid: known, pending } = this.#tracker;
    const shown = u32[w + GOID + 1]! * TWO_32 + u32[w + GOID]!;
    if (isCreation(from, to)) {
      const creation = this.#creation(row, w, pid, g);
      if (this.#options.staleGoidAtCreation) {
        this.pending.take(pending[slot]!);
        pending[slot] = this.pending.add(creation);
        known[slot] = 0;
        this.rows.goid[row] = 0;
        return;
      }
      known[slot] = shown;
      this.rows.goid[row] = shown;
      this.#events.created(pid, shown, creation);
      return;
    }
    this.rows.goid[row] = shown;
    if (pending[slot] !== NOT_PENDING) this.#resolve(slot, pid, shown);
    else if (known[slot] !== shown) {
      if (known[slot] !== 0 && (previous & 0xff00) !== GoState.dead << 8) this.counts.unstable++;
      known[slot] = shown;
      if (shown !== 0) this.#events.found(pid, shown, this.rows.timeNs[row]!, g);
    }
  }

  #creation(row: number, w: number, pid: number, g: number): Creation {
    const { u32 } = this.#ring;
    return {
      labels: this.#inherited.size === 0 ? undefined : this.#takeInherited(`${pid}:${g}`),
      row,
      timeNs: this.rows.timeNs[row]!,
      startPc: u32[w + PC + 1]! * TWO_32 + u32[w + PC]!,
      goPc: u32[w + EXTRA + 1]! * TWO_32 + u32[w + EXTRA]!,
      parentGoid: this.rows.waker[row]!,
    };
  }

  #takeInherited(key: string): readonly Label[] | undefined {
    const labels = this.#inherited.get(key);
    this.#inherited.delete(key);
    return labels;
  }

  #resolve(slot: number, pid: number, goid: number): void {
    const creation = this.pending.take(this.#tracker.pending[slot]!);
    this.#tracker.pending[slot] = NOT_PENDING;
    this.#tracker.goid[slot] = goid;
    if (creation === undefined) return;
    if (creation.row >= 0) this.rows.goid[creation.row] = goid;
    this.#events.created(pid, goid, creation);
  }

  /** Forgets the first `count` rows, which were written. */
  rowsWritten(count: number): void {
    this.counts.unnamed += this.pending.rowsWritten(count);
    this.rows.drop(count);
  }
}

/** dead→runnable, or dead→waiting for iter.Pull. A C thread's dead→syscall keeps its goroutine. */
function isCreation(from: number, to: number): boolean {
  return (from === GoState.dead || from === GoState.deadextra) && (to === GoState.runnable || to === GoState.waiting);
}

/**
 * The second report of one change: casgstatus after a fast CAS that failed (Go 1.26+, its own probe has reported
 * it), or the scan bit that goes after a goroutine was preempted.
 */
function isRepeated(previous: number, from: number, to: number, probe: number): boolean {
  if (probe === Probe.fromScan) return ((previous >>> 8) & 0xff) === GoState.preempted;
  if (probe !== Probe.casgstatus) return false;
  const before = previous & 0xff;
  return (before === Probe.enterSyscall || before === Probe.exitSyscall) && previous >>> 8 === ((from << 8) | to);
}
