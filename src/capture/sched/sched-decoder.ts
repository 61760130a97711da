/** Records of the ring buffer of sched.bpf.c → rows. */
import { BUSY_BIT, DISCARD_BIT, type EventRing, RECORD_HEADER_BYTES } from '../event-ring.js';
import { NEXT_PROGRAM } from '../goroutine-facts.js';
import { SCHED_EVENT, SCHED_EVENT_BYTES } from './sched-layout.js';
import { SchedRows } from './sched-rows.js';

const TWO_32 = 4_294_967_296;

export class SchedDecoder {
  readonly rows = new SchedRows();
  readonly #ring: EventRing;
  /** Halves of CLOCK_MONOTONIC at time 0: BigInt per event would cost more than the rest. */
  readonly #baseLow: number;
  readonly #baseHigh: number;

  constructor(ring: EventRing, startNs: bigint) {
    this.#ring = ring;
    this.#baseLow = Number(startNs & 0xffff_ffffn);
    this.#baseHigh = Number(startNs >> 32n);
  }

  /** Reads every complete record that there is room for. */
  drain(): void {
    const ring = this.#ring;
    const start = ring.consumerPosition();
    const waiting = (ring.producerPosition() - start) >>> 0;
    let read = 0;
    while (read < waiting && !this.rows.isFull) {
      const offset = ((start + read) & ring.mask) >>> 0;
      const header = ring.header(offset);
      if (header & BUSY_BIT) break;
      const length = header & ~DISCARD_BIT;
      if (!(header & DISCARD_BIT) && length === SCHED_EVENT_BYTES) this.#event(offset + RECORD_HEADER_BYTES);
      read += (length + RECORD_HEADER_BYTES + 7) & ~7;
    }
    if (read > 0) ring.release(read);
  }

  #event(at: number): void {
    const { u32, u16, u8 } = this.#ring;
    const w = at >>> 2;
    const timeNs = (u32[w + 1]! - this.#baseHigh) * TWO_32 + (u32[w]! - this.#baseLow);
    this.rows.add(
      timeNs,
      u32[w + (SCHED_EVENT.tgid >>> 2)]! + NEXT_PROGRAM * (u16[(at + SCHED_EVENT.life) >>> 1]! - 1),
      u32[w + (SCHED_EVENT.tid >>> 2)]!,
      u16[(at + SCHED_EVENT.cpu) >>> 1]!,
      u8[at + SCHED_EVENT.state]!,
      (u16[(at + SCHED_EVENT.syscall) >>> 1]! << 16) >> 16,
    );
  }
}
