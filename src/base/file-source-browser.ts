/** `file-source.ts` where there are no files: traces are opened from bytes or a Blob. */
import type { ByteSource } from './byte-source.js';

export class FileSource implements ByteSource, Disposable {
  readonly size = 0;
  readonly isRegularFile = false;

  constructor(_path: string) {
    throw new Error('a browser has no files with a path; open the trace from a Blob or its bytes');
  }

  read(): Uint8Array {
    return new Uint8Array();
  }

  [Symbol.dispose](): void {}
}
