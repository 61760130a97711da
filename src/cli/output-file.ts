import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
import type { ByteSink } from '../trace/archive-writer.js';

/** A trace tells a lot about a program: nobody else may read it. */
const PRIVATE = 0o600;

/** Code of the error when the file lost its name while it was written. */
export const REMOVED = 'EREMOVED';

/** A file of its own, private to the invoking user (under sudo: the one who called sudo). */
export class OutputFile implements ByteSink {
  readonly path: string;
  readonly #fd: number;
  /** There is nothing older that a failure should leave alone. */
  readonly #isNew: boolean;
  #position = 0;
  #closed = false;

  /** @throws UserError when it cannot be made, or is there already and `overwrite` is false */
  constructor(path: string, overwrite: boolean, env: NodeJS.ProcessEnv) {
    this.path = path;
    const there = statIfThere(path);
    try {
      assertReplaceable(there, overwrite);
      const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
      const mustBeNew = overwrite ? 0 : O_EXCL;
      this.#fd = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | mustBeNew, PRIVATE);
    } catch (error) {
      throw new UserError(`${printable(path) || '--output'}: ${createFailure(error, path)}`, { cause: error });
    }
    this.#isNew = there === undefined;
    makePrivate(this.#fd, env);
  }

  /** Written so far. */
  get bytes(): number {
    return this.#position;
  }

  /**
   * The first write replaces what was there.
   * @throws system errors, and one with the code {@link REMOVED} when nobody can ever read what is written
   */
  write(bytes: Uint8Array): void {
    if (this.#position === 0) ftruncateSync(this.#fd, 0);
    if (fstatSync(this.#fd).nlink === 0) throw Object.assign(new Error('the file was removed'), { code: REMOVED });
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

  /** For a recording that came to nothing. A file that was closed stays, and so does one that was not yet replaced. */
  discard(): void {
    if (this.#closed) return;
    // Of a file that was removed the name may be another's by now.
    const isThere = fstatSync(this.#fd).nlink > 0;
    this.close();
    if (isThere && (this.#isNew || this.#position > 0)) unlinkSync(this.path);
  }
}

function statIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // Opening it will say why.
  }
}

/** Whoever is told to use --force must succeed with it. @throws UserError */
function assertReplaceable(there: Stats | undefined, overwrite: boolean): void {
  if (there === undefined) return;
  if (there.isSymbolicLink()) throw new UserError('is a symbolic link; gotape does not write through one');
  if (there.isDirectory()) throw new UserError('is a folder');
  if (!there.isFile()) throw new UserError('is a device or a pipe, expected a regular file');
  if (!overwrite) throw new UserError('exists already; choose another name with -o, or overwrite it with --force');
}

/** @throws UserError when another file took the name since it was looked at */
function makePrivate(fd: number, env: NodeJS.ProcessEnv): void {
  if (!fstatSync(fd).isFile()) throw new UserError('the output is not a regular file any more');
  const uid = Number(env['SUDO_UID']);
  const gid = Number(env['SUDO_GID']);
  try {
    fchmodSync(fd, PRIVATE);
    if (Number.isInteger(uid) && Number.isInteger(gid) && process.getuid?.() === 0) fchownSync(fd, uid, gid);
  } catch {
    // A file system without owners (vfat), or one that belongs to another host (NFS): its rules are what there is.
  }
}

function createFailure(error: unknown, path: string): string {
  switch (systemErrorCode(error)) {
    case 'ENOENT':
      if (path === '') return 'is empty, expected the name of a file';
      return `cannot be written, because the folder ${printable(dirname(path))} does not exist`;
    case 'ENOTDIR':
      return `cannot be written, because ${printable(dirname(path))} is not a folder`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'cannot be written by this user';
    case 'ENOSPC':
      return 'cannot be written: the disk is full';
    default:
      return error instanceof UserError ? error.message : `cannot be written: ${errorText(error)}`;
  }
}
