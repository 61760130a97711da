/** How rows become the bytes of one file. */
import type { TableBuffer } from './table-buffer.js';

export interface TableEncoder {
  /** Rows that were encoded: counted here, apart from those that were handed in. */
  readonly rows: number;
  /** All rows of the buffer. */
  encode(batch: TableBuffer): Promise<Uint8Array> | Uint8Array;
  /** What stands behind the last row. */
  finish(): Promise<Uint8Array> | Uint8Array;
}

export interface EncoderOptions {
  /** ns since 1970 at the start of the trace. */
  readonly startRealtimeNs: bigint;
  readonly layout: string | undefined;
}

export const NO_BYTES = new Uint8Array(0);
