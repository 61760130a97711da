/** `gotape attach`: notes and files inside the trace. */
import { chmodSync, chownSync, realpathSync, statSync } from 'node:fs';
import { ExitCode, errorText, systemErrorCode, UserError } from '../base/errors.js';
import { FileSource } from '../base/file-source.js';
import { formatBytes, printable } from '../base/text.js';
import { attachFiles, MAXIMUM_ATTACHMENT_BYTES, type NewAttachment } from '../trace/edit/attach-files.js';
import { openTrace } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { ofTrace, writeEdited } from './edited-trace.js';

export interface AttachArgs {
  readonly file: string;
  readonly attachments: readonly string[];
  /** Undefined: the file itself gets them. */
  readonly output: string | undefined;
  readonly force: boolean;
}

export async function runAttach(ctx: Context, args: AttachArgs): Promise<Outcome> {
  using trace = await openTrace(args.file);
  const files = args.attachments.map(readAttachment);
  // A symbolic link stays one: what it points to is replaced.
  const output = args.output ?? realpathSync(args.file);
  const isInPlace = args.output === undefined;
  const names = await writeEdited(ctx, { output, force: args.force || isInPlace }, async (file) => {
    const added = await ofTrace(args.file, (async () => attachFiles(trace, file, files))());
    if (isInPlace) keepOwner(output, file.path);
    return added;
  });
  for (const [i, name] of names.entries())
    ctx.stderr.write(`gotape: ${printable(name)}, ${formatBytes(files[i]!.bytes.length)} → ${printable(output)}\n`);
  return { exitCode: ExitCode.ok };
}

function readAttachment(path: string): NewAttachment {
  try {
    using source = new FileSource(path);
    if (!source.isRegularFile) throw new UserError('is not a regular file');
    if (source.size > MAXIMUM_ATTACHMENT_BYTES)
      throw new UserError(`is ${formatBytes(source.size)}, expected ${formatBytes(MAXIMUM_ATTACHMENT_BYTES)} at most`);
    return { path, bytes: source.read(0, source.size) };
  } catch (error) {
    const why = systemErrorCode(error) === 'ENOENT' ? 'no such file' : errorText(error);
    throw new UserError(`${printable(path)}: ${why}`, { cause: error });
  }
}

/** The file is still the same one to its users. */
function keepOwner(original: string, copy: string): void {
  const { mode, uid, gid } = statSync(original);
  chmodSync(copy, mode & 0o777);
  if (process.getuid?.() === 0) chownSync(copy, uid, gid);
}
