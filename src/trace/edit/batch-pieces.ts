import { sliceRows, type TransitionBatch } from '../../model/transition-batch.js';

const MAXIMUM_ROWS = 65_536;
/** `dt` is a uint32. */
const MAXIMUM_DT_NS = 4_294_967_295;

/** A batch in pieces that a table can hold: of so many rows, none too long after the one before. */
export function* piecesOf(batch: TransitionBatch): Iterable<TransitionBatch> {
  let from = 0;
  for (let row = 1; row <= batch.length; row++) {
    const isFull = row - from === MAXIMUM_ROWS || row === batch.length;
    if (!isFull && batch.timeNs[row]! - batch.timeNs[row - 1]! <= MAXIMUM_DT_NS) continue;
    yield sliceRows(batch, from, row);
    from = row;
  }
}
