/** zstd for Arrow buffers, in both directions, with checksums and with sizes known before anything is allocated. */
import { CompressionType, compressionRegistry } from 'apache-arrow';
import binding from 'zstd-napi/binding.js';
import { UserError } from '../base/errors.js';

export const DEFAULT_LEVEL = 3;

const contexts = new Map<number, binding.CCtx>();
/** Where frames are made before they are copied out: a buffer for each would cost more than the compression of most. */
let scratch = new Uint8Array();

/** One zstd frame with its content size and checksum. `level` is 1 … 22. */
export function compressFrame(bytes: Uint8Array, level: number): Uint8Array {
  const bound = binding.compressBound(bytes.length);
  if (scratch.length < bound) scratch = new Uint8Array(bound);
  const length = contextOf(level).compress2(scratch, bytes);
  return scratch.slice(0, length);
}

function contextOf(level: number): binding.CCtx {
  let context = contexts.get(level);
  if (context === undefined) {
    context = new binding.CCtx();
    context.setParameter(binding.CParameter.compressionLevel, level);
    context.setParameter(binding.CParameter.checksumFlag, 1);
    context.setParameter(binding.CParameter.contentSizeFlag, 1);
    contexts.set(level, context);
  }
  return context;
}

/** @throws UserError for anything but one sound frame. Its size must have been bounded (`arrow-messages.ts`). */
export function decompressFrame(frame: Uint8Array): Uint8Array {
  const size = frameContentBytes(frame);
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

/** What the frame's header declares. @throws UserError when it does not */
export function frameContentBytes(frame: Uint8Array): number {
  let size: number | null;
  try {
    size = binding.getFrameContentSize(frame);
  } catch (error) {
    throw new UserError('zstd frame: its header is damaged', { cause: error });
  }
  if (size === null) throw new UserError('zstd frame: does not declare its size');
  return size;
}

/** Makes apache-arrow read compressed files. Writing does not go through its registry, see `arrow-file.ts`. */
export function registerZstd(): void {
  compressionRegistry.set(CompressionType.ZSTD, { decode: decompressFrame });
}
