/** A ring buffer in plain memory that tests write events into, as the kernel would. */
import { EVENT, EVENT_BYTES, Probe } from '../../src/capture/bpf-layout.js';
import { BUSY_BIT, DISCARD_BIT, type EventRing, RECORD_HEADER_BYTES } from '../../src/capture/event-ring.js';
import { GoState } from '../../src/model/go-state.js';
import { NO_P } from '../../src/model/transition-batch.js';

export interface FakeEvent {
  readonly timeNs: number;
  readonly g: number;
  readonly goid: number;
  readonly from: number;
  readonly to: number;
  readonly probe?: number;
  readonly reason?: number;
  readonly waker?: number;
  readonly pc?: number;
  /** Of its stack, or what stands in its place. */
  readonly stackHash?: number;
  readonly pid?: number;
  readonly p?: number;
  readonly mismatch?: boolean;
}

const RECORD_BYTES = RECORD_HEADER_BYTES + EVENT_BYTES;

export class FakeRing implements EventRing {
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
  readonly mask: number;
  readonly #view: DataView;
  #produced: number;
  #consumed: number;

  /** @param start position of both sides at the beginning: near 2^32 to see it wrap */
  constructor(bytes = 4096, start = 0) {
    const memory = new ArrayBuffer(2 * bytes);
    this.u32 = new Uint32Array(memory);
    this.u16 = new Uint16Array(memory);
    this.u8 = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.mask = bytes - 1;
    this.#produced = start;
    this.#consumed = start;
  }

  producerPosition = () => this.#produced >>> 0;
  consumerPosition = () => this.#consumed >>> 0;
  header = (offset: number) => this.u32[offset >>> 2] as number;
  release = (bytes: number) => {
    this.#consumed += bytes;
  };

  get free(): number {
    return this.mask + 1 - (this.#produced - this.#consumed);
  }

  /** Appends one event; returns a function that ends its being written. */
  push(event: FakeEvent, state: 'complete' | 'busy' | 'discarded' = 'complete'): () => void {
    if (this.free < RECORD_BYTES) throw new Error('the fake ring is full');
    const offset = this.#produced & this.mask;
    const flag = state === 'busy' ? BUSY_BIT : state === 'discarded' ? DISCARD_BIT : 0;
    this.#mirrored(offset, (at) => this.#view.setUint32(at, EVENT_BYTES | flag, true));
    this.#write(offset + RECORD_HEADER_BYTES, event);
    this.#produced += RECORD_BYTES;
    return () => this.#mirrored(offset, (at) => this.#view.setUint32(at, EVENT_BYTES, true));
  }

  /** Appends a record of another kind. */
  pushRecord(bytes: Uint8Array): void {
    if (this.free < RECORD_HEADER_BYTES + bytes.length + 8) throw new Error('the fake ring is full');
    const offset = this.#produced & this.mask;
    this.#mirrored(offset, (at) => this.#view.setUint32(at, bytes.length, true));
    for (const [i, byte] of bytes.entries())
      this.#mirrored(offset + RECORD_HEADER_BYTES + i, (at) => this.#view.setUint8(at, byte));
    this.#produced += (RECORD_HEADER_BYTES + bytes.length + 7) & ~7;
  }

  #write(at: number, event: FakeEvent): void {
    const u64 = (field: keyof typeof EVENT, value: number) =>
      this.#mirrored(at + EVENT[field], (byte) => this.#view.setBigUint64(byte, BigInt(value), true));
    const u32 = (field: keyof typeof EVENT, value: number) =>
      this.#mirrored(at + EVENT[field], (byte) => this.#view.setUint32(byte, value, true));
    const u16 = (field: keyof typeof EVENT, value: number) =>
      this.#mirrored(at + EVENT[field], (byte) => this.#view.setUint16(byte, value, true));
    const u8 = (field: keyof typeof EVENT, value: number) =>
      this.#mirrored(at + EVENT[field], (byte) => this.#view.setUint8(byte, value));
    u64('time_ns', event.timeNs);
    u64('g', event.g);
    u64('goid', event.goid);
    u64('waker', event.waker ?? 0);
    u64('pc', event.pc ?? 0);
    u64('extra', event.stackHash ?? 0);
    u32('tid', event.pid ?? 1);
    u32('tgid', event.pid ?? 1);
    u16('cpu', 0);
    u16('p', event.p ?? NO_P);
    u8('from', event.from);
    u8('to', event.to);
    u8('reason', event.reason ?? 0);
    u8('probe', (event.probe ?? Probe.casgstatus) | (event.mismatch ? 0x80 : 0));
  }

  /** The kernel maps the data twice in a row: what is written to one copy is there in the other. */
  #mirrored(at: number, write: (at: number) => void): void {
    const bytes = this.mask + 1;
    write(at % bytes);
    if ((at % bytes) + bytes < 2 * bytes) write((at % bytes) + bytes);
  }
}

/** Shorthand for the commonest events. */
export const change = {
  wake: { from: GoState.waiting, to: GoState.runnable },
  run: { from: GoState.runnable, to: GoState.running },
  block: { from: GoState.running, to: GoState.waiting },
  create: { from: GoState.dead, to: GoState.runnable },
  exit: { from: GoState.running, to: GoState.dead },
  enterSyscall: { from: GoState.running, to: GoState.syscall },
  exitSyscall: { from: GoState.syscall, to: GoState.running },
} as const;
