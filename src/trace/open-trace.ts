/** Opens a trace file for reading. */
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { FileSource } from '../base/file-source.js';
import { printable } from '../base/text.js';
import { readArchive } from './archive-reader.js';
import { TraceFile } from './trace-file.js';

export type { TraceFile } from './trace-file.js';

/** @throws UserError that names the file and says what it is instead of a trace */
export async function openTrace(path: string): Promise<TraceFile> {
  const source = openTraceSource(path);
  try {
    return new TraceFile(source, readArchive(source), () => source[Symbol.dispose]());
  } catch (error) {
    source[Symbol.dispose]();
    if (error instanceof UserError)
      throw new UserError(`${printable(path)} ${printable(error.message)}`, { cause: error });
    throw error;
  }
}

/** @throws UserError that names the file */
export function openTraceSource(path: string): FileSource {
  let source: FileSource;
  try {
    source = new FileSource(path);
  } catch (error) {
    throw new UserError(`${printable(path)}: ${openFailure(error)}`, { cause: error });
  }
  if (source.isRegularFile) return source;
  source[Symbol.dispose]();
  throw new UserError(`${printable(path)}: is not a regular file, expected a gotape trace`);
}

function openFailure(error: unknown): string {
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'not readable by this user (traces are private: mode 0600)';
  return errorText(error);
}
