import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type ByteSource, checkRange } from './byte-source.js';

/** A file as a byte source, read when asked. */
export class FileSource implements ByteSource, Disposable {
  readonly size: number;
  readonly isRegularFile: boolean;
  readonly #fd: number;

  /** @throws system errors of open(2) */
  constructor(path: string) {
    // Opening a pipe that nobody writes to would wait for ever.
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(this.#fd);
    this.size = stat.size;
    this.isRegularFile = stat.isFile();
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(offset, length, this.size);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const got = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (got === 0) throw new RangeError(`bytes ${offset}..${offset + length}: the file became shorter`);
      done += got;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
