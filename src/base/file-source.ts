import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type ByteSource, checkRange } from './byte-source.js';

/** A file that somebody opened. */
export class OpenFile implements ByteSource {
  readonly descriptor: number;
  readonly size: number;

  constructor(descriptor: number, size: number) {
    this.descriptor = descriptor;
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(offset, length, this.size);
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const got = readSync(this.descriptor, bytes, done, length - done, offset + done);
      if (got === 0) throw new RangeError(`bytes ${offset}..${offset + length}: the file became shorter`);
      done += got;
    }
    return bytes;
  }
}

/** A file as a byte source, read when asked. */
export class FileSource extends OpenFile implements Disposable {
  readonly isRegularFile: boolean;

  /** @throws system errors of open(2) */
  constructor(path: string) {
    // Opening a pipe that nobody writes to would wait for ever.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    super(descriptor, stat.size);
    this.isRegularFile = stat.isFile();
  }

  [Symbol.dispose](): void {
    closeSync(this.descriptor);
  }
}
