import { TransitionColumns } from '../transition-columns.js';

/** The rows of a segment that gotape wrote. A larger one is decoded where it is needed. */
export const SHARED_ROWS = 65_536;
const BYTES_PER_ROW = 45;

/** Memory of one segment's columns that threads share, 2.8 MiB: rows pass from one to the other without a copy. */
export function newSharedMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(SHARED_ROWS * BYTES_PER_ROW);
}

/** Columns in memory that another thread sees as well. */
export class SharedColumns extends TransitionColumns {
  /** @param memory of {@link newSharedMemory} */
  constructor(memory: SharedArrayBuffer) {
    super();
    let offset = 0;
    const place = (bytes: number) => {
      offset += bytes * SHARED_ROWS;
      return offset - bytes * SHARED_ROWS;
    };
    // The widest first: each array begins at a multiple of its elements' size.
    this.timeNs = new Float64Array(memory, place(8), SHARED_ROWS);
    this.goid = new Float64Array(memory, place(8), SHARED_ROWS);
    this.waker = new Float64Array(memory, place(8), SHARED_ROWS);
    this.pid = new Uint32Array(memory, place(4), SHARED_ROWS);
    this.tid = new Uint32Array(memory, place(4), SHARED_ROWS);
    this.stack = new Uint32Array(memory, place(4), SHARED_ROWS);
    this.cpu = new Uint16Array(memory, place(2), SHARED_ROWS);
    this.p = new Uint16Array(memory, place(2), SHARED_ROWS);
    this.reason = new Uint16Array(memory, place(2), SHARED_ROWS);
    this.from = new Uint8Array(memory, place(1), SHARED_ROWS);
    this.to = new Uint8Array(memory, place(1), SHARED_ROWS);
    this.wakeSource = new Uint8Array(memory, place(1), SHARED_ROWS);
  }

  /** @throws RangeError for more rows than there is memory */
  override reserve(rows: number): void {
    if (rows > SHARED_ROWS) throw new RangeError(`${rows} rows, expected ${SHARED_ROWS} at most`);
    this.length = rows;
  }
}
