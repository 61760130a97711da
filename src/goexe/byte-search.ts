/** Search in a range of a file, a piece at a time. */
import type { ByteReader } from './byte-reader.js';

const PIECE_BYTES = 1 << 20;

export interface Piece {
  /** File offset of the first byte. */
  readonly start: number;
  readonly bytes: Buffer;
}

/** `[start, end)` in pieces that overlap by `overlap` bytes, so that nothing shorter is cut in two. Clipped to the file. */
export function* pieces(reader: ByteReader, start: number, end: number, overlap: number): Generator<Piece> {
  const last = Math.min(end, reader.size);
  for (let at = Math.max(0, start); at < last; at += PIECE_BYTES) {
    const bytes = reader.bytes(at, Math.min(PIECE_BYTES + overlap, last - at));
    yield { start: at, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  }
}

/** File offsets at which `pattern` occurs within `[start, end)`, in order, each once. */
export function* occurrences(reader: ByteReader, start: number, end: number, pattern: Uint8Array): Generator<number> {
  for (const piece of pieces(reader, start, end, pattern.length - 1)) {
    for (let at = piece.bytes.indexOf(pattern); at >= 0; at = piece.bytes.indexOf(pattern, at + 1)) {
      yield piece.start + at;
    }
  }
}
