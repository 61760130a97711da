/**
 * The trace that a command makes of another. It is written under another name in the same folder, and gets its own name
 * when it is complete: whatever bears the name can be read, and a failure leaves an older file alone.
 */
import { lstatSync, renameSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { printable } from '../base/text.js';
import type { Context } from './context.js';
import { OutputFile } from './output-file.js';

export interface EditOutput {
  readonly output: string;
  readonly force: boolean;
}

/**
 * @param work writes the trace; `file.path` is where it is meanwhile
 * @throws UserError; then nothing is left of the output
 */
export async function writeEdited<T>(
  ctx: Context,
  { output, force }: EditOutput,
  work: (file: OutputFile) => Promise<T>,
): Promise<T> {
  assertReplaceable(output, force);
  const file = createScratch(output, ctx.env);
  const removeOnSignal = (signal: NodeJS.Signals) => {
    file.discard();
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', removeOnSignal).once('SIGTERM', removeOnSignal);
  try {
    const result = await work(file);
    assertReplaceable(output, force);
    renameSync(file.path, output);
    file.close();
    return result;
  } catch (error) {
    file.discard();
    throw writeFailure(output, error);
  } finally {
    process.off('SIGINT', removeOnSignal).off('SIGTERM', removeOnSignal);
  }
}

/** A file that is gone when the work is done, next to the output: there is room for both or for none. */
export async function withScratch<T>(ctx: Context, output: string, work: (file: OutputFile) => Promise<T>): Promise<T> {
  const file = createScratch(`${output}.scratch`, ctx.env);
  const removeOnSignal = () => file.discard();
  process.once('SIGINT', removeOnSignal).once('SIGTERM', removeOnSignal);
  try {
    return await work(file);
  } finally {
    process.off('SIGINT', removeOnSignal).off('SIGTERM', removeOnSignal);
    file.discard();
  }
}

/** Tells what is wrong with a trace with its name in front. */
export async function ofTrace<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${printable(path)} ${printable(error.message)}`, { cause: error });
  }
}

function createScratch(output: string, env: NodeJS.ProcessEnv): OutputFile {
  const path = join(dirname(output), `.${basename(output)}.${process.pid}.part`);
  try {
    return new OutputFile(path, false, env);
  } catch (error) {
    throw new UserError(errorText(error).replace(printable(path), printable(output)), { cause: error });
  }
}

/** Nobody else makes system errors meanwhile: the input is a file that is open. */
function writeFailure(output: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === undefined || error instanceof UserError || error instanceof RangeError) return error;
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : errorText(error);
  return new UserError(`${printable(output)}: cannot be written: ${why}; nothing is left of it`, { cause: error });
}

/** @throws UserError */
function assertReplaceable(path: string, force: boolean): void {
  const problem = problemWith(statIfThere(path), path, force);
  if (problem !== undefined) throw new UserError(`${printable(path) || '--output'}: ${problem}`);
}

function problemWith(there: Stats | undefined, path: string, force: boolean): string | undefined {
  if (path === '') return 'is empty, expected the name of a file';
  if (there === undefined) return undefined;
  if (there.isSymbolicLink()) return 'is a symbolic link; gotape does not write through one';
  if (there.isDirectory()) return 'is a folder';
  if (!there.isFile()) return 'is a device or a pipe, expected a regular file';
  return force ? undefined : 'exists already; choose another name with -o, or overwrite it with --force';
}

function statIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UserError(`${printable(path)}: ${errorText(error)}`, { cause: error });
  }
}
