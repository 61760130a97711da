/** zstd for Arrow buffers, in both directions, with checksums and with sizes that are bounded before anything is allocated. */
import { CompressionType, compressionRegistry } from 'apache-arrow';
import { Compressor } from 'zstd-napi';
import binding from 'zstd-napi/binding.js';
import { UserError } from '../base/errors.js';

/** No column of a sound segment comes near this. */
const MAXIMUM_BUFFER_BYTES = 256 * 1024 * 1024;

export const DEFAULT_LEVEL = 3;

const compressors = new Map<number, Compressor>();

/** One zstd frame with its content size and checksum. `level` is 1 … 22. */
export function compressFrame(bytes: Uint8Array, level: number): Uint8Array {
  let compressor = compressors.get(level);
  if (compressor === undefined) {
    compressor = new Compressor();
    compressor.setParameters({ compressionLevel: level, checksumFlag: true, contentSizeFlag: true });
    compressors.set(level, compressor);
  }
  return compressor.compress(bytes);
}

/** @throws UserError for anything but one sound frame of a size that a trace can have */
export function decompressFrame(frame: Uint8Array): Uint8Array {
  const size = declaredSize(frame);
  if (size === null || size > MAXIMUM_BUFFER_BYTES) {
    throw new UserError(`zstd frame: declares ${size ?? 'no'} bytes, expected at most ${MAXIMUM_BUFFER_BYTES}`);
  }
  const bytes = new Uint8Array(size);
  let written: number;
  try {
    written = binding.decompress(bytes, frame.subarray(0, binding.findFrameCompressedSize(frame)));
  } catch (error) {
    throw new UserError('zstd frame: damaged (its content or checksum is wrong)', { cause: error });
  }
  if (written !== size) throw new UserError(`zstd frame: holds ${written} bytes, declares ${size}`);
  return bytes;
}

function declaredSize(frame: Uint8Array): number | null {
  try {
    return binding.getFrameContentSize(frame);
  } catch (error) {
    throw new UserError('zstd frame: its header is damaged', { cause: error });
  }
}

/** Makes apache-arrow read compressed files. Writing does not go through its registry, see `arrow-file.ts`. */
export function registerZstd(): void {
  compressionRegistry.set(CompressionType.ZSTD, { decode: decompressFrame });
}
