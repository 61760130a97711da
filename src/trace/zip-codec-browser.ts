/** `zip-codec.ts` without Node. */

const table = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc;
});

export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Browsers unpack in streams only, and gotape writes no such entries. */
export function inflateRaw(_packed: Uint8Array, _maximumBytes: number): Uint8Array {
  throw new Error('deflated entries cannot be read in a browser; pack them stored: zip -0');
}
