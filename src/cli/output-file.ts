import { chownSync, closeSync, constants, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
import type { ByteSink } from '../trace/archive-writer.js';

/** A trace tells a lot about a program: nobody else may read it. */
const PRIVATE = 0o600;

/** A new file, private to the invoking user (under sudo: the one who called sudo). */
export class OutputFile implements ByteSink {
  readonly path: string;
  readonly #fd: number;
  #position = 0;
  #closed = false;

  /** @throws UserError when it cannot be made, or is there already and `overwrite` is false */
  constructor(path: string, overwrite: boolean, env: NodeJS.ProcessEnv) {
    this.path = path;
    const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW } = constants;
    try {
      this.#fd = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | (overwrite ? O_TRUNC : O_EXCL), PRIVATE);
    } catch (error) {
      throw new UserError(`${printable(path)}: ${createFailure(error, path)}`, { cause: error });
    }
    giveToInvoker(path, env);
  }

  write(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#position + done);
    this.#position += done;
  }

  truncate(offset: number): void {
    ftruncateSync(this.#fd, offset);
    this.#position = offset;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }

  /** For a recording that came to nothing. */
  discard(): void {
    this.close();
    unlinkSync(this.path);
  }
}

function giveToInvoker(path: string, env: NodeJS.ProcessEnv): void {
  const uid = Number(env['SUDO_UID']);
  const gid = Number(env['SUDO_GID']);
  if (Number.isInteger(uid) && Number.isInteger(gid) && process.getuid?.() === 0) chownSync(path, uid, gid);
}

function createFailure(error: unknown, path: string): string {
  switch (systemErrorCode(error)) {
    case 'EEXIST':
      return 'exists already; choose another name with -o, or overwrite it with --force';
    case 'ENOENT':
      return `cannot be written, because the folder ${printable(dirname(path))} does not exist`;
    case 'EACCES':
    case 'EPERM':
      return 'cannot be written by this user';
    case 'ELOOP':
      return 'is a symbolic link; gotape does not write through one';
    case 'EISDIR':
      return 'is a folder';
    case 'ENOSPC':
      return 'cannot be written: the disk is full';
    default:
      return `cannot be written: ${errorText(error)}`;
  }
}
