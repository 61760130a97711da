/**
 * `zstd-codec.ts` without native code: reading only. fzstd does not look at a frame's checksum; the CRC-32 of each entry
 * is checked all the same.
 */
import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decompress } from 'fzstd';
import { errorText, UserError } from '../base/errors.js';

export const DEFAULT_LEVEL = 3;

const MAGIC = 0xfd2f_b528;
/** Bytes of the content size by its flag (RFC 8878, 3.1.1.1.1): 0 means one byte in a single segment, else none. */
const SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

export function compressFrame(): Uint8Array {
  throw new Error('traces cannot be written in a browser');
}

/** @throws UserError for anything but one sound frame. Its size must have been bounded (`arrow-messages.ts`). */
export function decompressFrame(frame: Uint8Array): Uint8Array {
  const size = frameContentBytes(frame);
  let bytes: Uint8Array;
  try {
    bytes = decompress(frame, new Uint8Array(size));
  } catch (error) {
    throw new UserError(`zstd frame: damaged (${errorText(error)})`, { cause: error });
  }
  if (bytes.length !== size) throw new UserError(`zstd frame: holds ${bytes.length} bytes, declares ${size}`);
  return bytes;
}

/** What the frame's header declares (RFC 8878, 3.1.1.1). @throws UserError when it does not */
export function frameContentBytes(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || view.getUint32(0, true) !== MAGIC) throw new UserError('zstd frame: its header is damaged');
  const descriptor = frame[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const flag = descriptor >> 6;
  const sizeBytes = flag === 0 && isSingleSegment ? 1 : SIZE_BYTES[flag]!;
  const at = 5 + (isSingleSegment ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]!;
  if (at + sizeBytes > frame.length) throw new UserError('zstd frame: its header is damaged');
  switch (sizeBytes) {
    case 1:
      return frame[at]!;
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return Number(view.getBigUint64(at, true));
    default:
      throw new UserError('zstd frame: does not declare its size');
  }
}

/** Makes apache-arrow read compressed files. */
export function registerZstd(): void {
  compressionRegistry.set(CompressionType.ZSTD, { decode: decompressFrame });
}
