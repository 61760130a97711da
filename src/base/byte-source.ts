/** Random access to bytes that may be large: a file, a buffer. Reads are synchronous and bounded by `size`. */
export interface ByteSource {
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`.
   * @throws RangeError when the range is not inside `[0, size)`; check before reading sizes that a file claims.
   */
  read(offset: number, length: number): Uint8Array;
}

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      checkRange(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

export function checkRange(offset: number, length: number, size: number): void {
  if (
    !(
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= size
    )
  ) {
    throw new RangeError(`bytes ${offset}..${offset + length}: outside a source of ${size} bytes`);
  }
}
