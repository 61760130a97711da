/**
 * The file that a conversion makes. It is written under another name in the same folder and renamed when it is complete,
 * so that whatever bears the name can be opened.
 */
import { type BigIntStats, rmSync } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
import type { ByteSink } from '../convert/byte-sink.js';

/** As private as the trace it is made of. */
const PRIVATE = 0o600;

export class ConvertedFile implements ByteSink {
  readonly path: string;
  readonly #file: FileHandle;
  /** Undefined for a device or a pipe, which are written as they are. */
  readonly #scratchPath: string | undefined;

  private constructor(path: string, file: FileHandle, scratchPath: string | undefined) {
    this.path = path;
    this.#file = file;
    this.#scratchPath = scratchPath;
  }

  /** @throws UserError when it cannot be made, or is there already and `overwrite` is false */
  static async create(path: string, overwrite: boolean): Promise<ConvertedFile> {
    try {
      const there = await statIfThere(path);
      if (there?.isDirectory()) throw new UserError('is a folder');
      if (there && !there.isFile()) return new ConvertedFile(path, await open(path, 'w'), undefined);
      if (there && !overwrite)
        throw new UserError('exists already; choose another name with -o, or overwrite it with --force');
      const scratchPath = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
      return new ConvertedFile(path, await open(scratchPath, 'wx', PRIVATE), scratchPath);
    } catch (error) {
      throw failure(path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) done += (await this.#file.write(bytes, done)).bytesWritten;
    } catch (error) {
      throw failure(this.path, error);
    }
  }

  /** Nothing follows. */
  async complete(): Promise<void> {
    try {
      await this.#file.close();
    } catch (error) {
      throw failure(this.path, error);
    }
  }

  /** Gives the complete file its name. */
  async publish(): Promise<void> {
    try {
      if (this.#scratchPath !== undefined) await rename(this.#scratchPath, this.path);
    } catch (error) {
      throw failure(this.path, error);
    }
  }

  /** Removes what was written. Synchronous: a signal handler calls it too. */
  discard(): void {
    if (this.#scratchPath !== undefined) rmSync(this.#scratchPath, { force: true });
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => {});
  }
}

/** Not even `--force` gives a recording away for what was made of it. @throws UserError */
export async function assertNotTheTrace(path: string, tracePath: string): Promise<void> {
  const there = await statIfThere(path).catch(() => undefined);
  if (there === undefined) return;
  const trace = await statIfThere(tracePath);
  if (trace?.dev !== there.dev || trace.ino !== there.ino) return;
  throw new UserError(`${printable(path)}: is the trace itself, expected another name`);
}

async function statIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function failure(path: string, error: unknown): UserError {
  const reason = error instanceof UserError ? error.message : writeFailure(error, path);
  return new UserError(`${printable(path)}: ${reason}`, { cause: error });
}

function writeFailure(error: unknown, path: string): string {
  switch (systemErrorCode(error)) {
    case 'ENOENT':
      return `cannot be written, because the folder ${printable(dirname(path))} does not exist`;
    case 'ENOTDIR':
      return `cannot be written, because ${printable(dirname(path))} is not a folder`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'cannot be written by this user';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'cannot be written: the disk is full; nothing is left of it';
    default:
      return `cannot be written: ${errorText(error)}`;
  }
}
