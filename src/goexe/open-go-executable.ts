/** A Go executable by its path, with what can be wrong about that in one sentence. */
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { FileSource } from '../base/file-source.js';
import type { GoExecutable } from './go-executable.js';
import { inspectGoExecutable } from './inspect-go-executable.js';

/** Its file is read on demand until it is disposed. */
export interface OpenGoExecutable extends Disposable {
  readonly exe: GoExecutable;
}

/** @param shownPath the path as the user knows it. @throws UserError */
export function openGoExecutable(path: string, shownPath: string): OpenGoExecutable {
  let source: FileSource;
  try {
    source = new FileSource(path);
  } catch (error) {
    throw new UserError(`${shownPath}: ${openFailure(error)}`, { cause: error });
  }
  const dispose = () => source[Symbol.dispose]();
  try {
    if (!source.isRegularFile) throw new UserError(`${shownPath}: is not a regular file, expected a Go executable`);
    return { exe: inspectGoExecutable(source, shownPath), [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function openFailure(error: unknown): string {
  switch (systemErrorCode(error)) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
      return 'not readable by this user (run as root)';
    default:
      return errorText(error);
  }
}
