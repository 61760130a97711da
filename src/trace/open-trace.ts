/** Opens a trace file for reading. */
import { bytesSource } from '../base/byte-source.js';
import { errorText, systemErrorCode, UserError } from '../base/errors.js';
import { FileSource } from '../base/file-source.js';
import { printable } from '../base/text.js';
import { readArchive } from './archive-reader.js';
import { TraceFile } from './trace-file.js';

export type { TraceFile } from './trace-file.js';

/** Where a trace is: a file's path, its bytes, or a Blob (a File of a browser, say), which is read as a whole. */
export type TraceOrigin = string | Uint8Array | Blob;

/**
 * Opens a trace. Dispose of it when it was opened by its path: that holds a file open (`using trace = …`).
 * @throws UserError that names the file and says what it is instead of a trace
 */
export async function openTrace(from: TraceOrigin): Promise<TraceFile> {
  if (typeof from !== 'string') {
    const source = bytesSource(from instanceof Uint8Array ? from : new Uint8Array(await from.arrayBuffer()));
    return named('the trace', () => new TraceFile(source, readArchive(source)));
  }
  const source = openTraceSource(from);
  try {
    return named(from, () => new TraceFile(source, readArchive(source), () => source[Symbol.dispose]()));
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}

/** Sentences about a trace begin with its name. */
function named<T>(name: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${printable(name)} ${printable(error.message)}`, { cause: error });
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
