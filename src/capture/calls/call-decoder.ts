/** Records of the ring buffer of calls.bpf.c → entries and returns. */
import { BUSY_BIT, DISCARD_BIT, type EventRing, RECORD_HEADER_BYTES } from '../event-ring.js';
import { argumentsText, type CallRegisters } from './argument-text.js';
import { CALL, CALL_BYTES, CALL_STRING_BYTES, CallKind, readableAt, textAt } from './call-layout.js';
import type { PlannedFunction } from './call-plan.js';
import type { CallStacks, FrameEvent } from './call-stacks.js';

const TWO_32 = 4_294_967_296;

export interface CallDecoderOptions {
  /** CLOCK_MONOTONIC at time 0 of the trace. */
  readonly startNs: bigint;
  /** By probe number. */
  readonly functions: readonly PlannedFunction[];
  /** Registers in an entry, see `CALL_REGISTERS`. */
  readonly registers: number;
}

export class CallDecoder implements CallRegisters {
  readonly #ring: EventRing;
  readonly #stacks: CallStacks;
  readonly #options: CallDecoderOptions;
  readonly #baseLow: number;
  readonly #baseHigh: number;
  /** Byte offset of the record that is being read. */
  #at = 0;
  #kind = 0;

  constructor(ring: EventRing, stacks: CallStacks, options: CallDecoderOptions) {
    this.#ring = ring;
    this.#stacks = stacks;
    this.#options = options;
    this.#baseLow = Number(options.startNs & 0xffff_ffffn);
    this.#baseHigh = Number(options.startNs >> 32n);
  }

  /** Reads every complete record. */
  drain(): void {
    const ring = this.#ring;
    const start = ring.consumerPosition();
    const waiting = (ring.producerPosition() - start) >>> 0;
    let read = 0;
    while (read < waiting) {
      const offset = ((start + read) & ring.mask) >>> 0;
      const header = ring.header(offset);
      if (header & BUSY_BIT) break;
      const length = header & ~DISCARD_BIT;
      if (!(header & DISCARD_BIT) && length >= CALL_BYTES) this.#event(offset + RECORD_HEADER_BYTES);
      read += (length + RECORD_HEADER_BYTES + 7) & ~7;
    }
    if (read > 0) ring.release(read);
  }

  low(register: number): number {
    return this.#ring.u32[(this.#at + CALL_BYTES + 8 * register) >>> 2]!;
  }

  high(register: number): number {
    return this.#ring.u32[(this.#at + CALL_BYTES + 8 * register + 4) >>> 2]!;
  }

  string(slot: number): Uint8Array | undefined {
    const { u32, u8 } = this.#ring;
    const { registers } = this.#options;
    if (this.#kind !== CallKind.entryStrings) return undefined;
    const isReadable = (u32[(this.#at + readableAt(registers)) >>> 2]! >>> slot) & 1;
    const start = this.#at + textAt(registers) + slot * CALL_STRING_BYTES;
    return isReadable ? u8.subarray(start, start + CALL_STRING_BYTES) : undefined;
  }

  #event(at: number): void {
    const { u32, u8 } = this.#ring;
    const word = (field: number) => u32[(at + field) >>> 2]!;
    this.#at = at;
    this.#kind = u8[at + CALL.kind]!;
    const frame: FrameEvent = {
      timeNs: (word(CALL.time_ns + 4) - this.#baseHigh) * TWO_32 + (word(CALL.time_ns) - this.#baseLow),
      pid: word(CALL.tgid),
      g: word(CALL.g + 4) * TWO_32 + word(CALL.g),
      goid: word(CALL.goid + 4) * TWO_32 + word(CALL.goid),
      depth: word(CALL.depth),
    };
    this.#apply(frame, this.#options.functions[word(CALL.probe)], word(CALL.tid));
  }

  #apply(frame: FrameEvent, called: PlannedFunction | undefined, tid: number): void {
    switch (this.#kind) {
      case CallKind.entry:
      case CallKind.entryStrings:
        if (called === undefined) return;
        this.#stacks.enter(frame, { function: called.name, tid, arguments: argumentsText(called.parameters, this) });
        return;
      case CallKind.return:
        if (called !== undefined) this.#stacks.leave(frame, called.name);
        return;
      case CallKind.recovered:
        this.#stacks.recovered(frame);
        return;
      case CallKind.goexit:
        this.#stacks.goexit(frame);
    }
  }
}
