import { FolderOutput } from '../../src/cli/convert-output.js';
import { convertTrace } from '../../src/cli/convert-trace.js';
import type { ConvertOptions } from '../../src/convert/format.js';
import { FORMATS } from '../../src/convert/formats.js';
import type { TraceSource } from '../../src/model/trace-segment.js';

/** Converts a whole trace into the files of a folder. Returns their paths. */
export async function convertToFolder(
  source: TraceSource,
  format: string,
  folder: string,
  options: ConvertOptions = {},
): Promise<readonly string[]> {
  const output = new FolderOutput(folder, false);
  const found = FORMATS.find(({ name }) => name === format)!;
  await convertTrace(found, source, output, options);
  await output.publish();
  return output.paths;
}
