/** What a trace file asks of whoever decodes its transitions before they are needed. */
import type { ByteSource } from '../../base/byte-source.js';
import type { TransitionBatch } from '../../model/transition-batch.js';
import type { ArchiveEntry } from '../archive-reader.js';
import type { TransitionsDecoding } from '../transitions-table.js';

export interface TransitionsAhead extends Disposable {
  /**
   * The rows of the segment at this position, valid until the next is asked for; positions are asked for in order. Undefined: not made,
   * or damaged; the caller decodes them and finds out.
   */
  rows(position: number): Promise<TransitionBatch | undefined>;
}

/** @param entries by position. Undefined: it is not worth while here, or cannot be done. */
export type StartAhead = (
  source: ByteSource,
  entries: readonly (ArchiveEntry | undefined)[],
  decoding: TransitionsDecoding,
) => TransitionsAhead | undefined;
