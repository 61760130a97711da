/** A BPF ring buffer as its reader sees it (kernel/bpf/ringbuf.c, struct bpf_ringbuf_hdr); `ring-buffer.ts` has the real one. */

export const RECORD_HEADER_BYTES = 8;
/** The producer has reserved the record and still writes it. */
export const BUSY_BIT = 0x8000_0000;
/** The producer gave the record up: skip it. */
export const DISCARD_BIT = 0x4000_0000;

/** What the decoder needs of a ring buffer; tests make one in plain memory. */
export interface EventRing {
  /** Data pages, seen as words of three sizes; a record never wraps. */
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
  /** Position → offset into the data: positions only grow. */
  readonly mask: number;
  /** Low 32 bits of the producer's position, read before the records it covers (an acquiring load). */
  producerPosition(): number;
  /** Low 32 bits of the position of the first record not yet released. */
  consumerPosition(): number;
  /** Length word of the record at a data offset. An acquiring load: without the busy bit the sample is complete. */
  header(offset: number): number;
  /** Gives `bytes` bytes of records back to the producers. */
  release(bytes: number): void;
}
