/** What ZIP needs of the platform. In a browser `zip-codec-browser.ts` stands in its place (package.json, "browser"). */
import { crc32, inflateRawSync } from 'node:zlib';

export { crc32 };

/** @throws Error when it unpacks to more than `maximumBytes`, or to nothing sensible */
export function inflateRaw(packed: Uint8Array, maximumBytes: number): Uint8Array {
  return inflateRawSync(packed, { maxOutputLength: maximumBytes });
}
