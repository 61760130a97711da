/** `gotape compact`: the same trace in a smaller file. */
import { ExitCode, UserError } from '../base/errors.js';
import { formatBytes, formatCount, printable } from '../base/text.js';
import { compactTrace } from '../trace/edit/compact-trace.js';
import { digestDifferences, digestTrace } from '../trace/edit/trace-digest.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { ofTrace, writeEdited } from './edited-trace.js';

const MAXIMUM_LEVEL = 22;

export interface CompactArgs {
  readonly file: string;
  readonly output: string;
  readonly force: boolean;
  /** zstd's, 1 to 22. */
  readonly level: number;
  /** Reads both files and compares them. */
  readonly verify: boolean;
}

export async function runCompact(ctx: Context, args: CompactArgs): Promise<Outcome> {
  assertLevel(args.level);
  using trace = await openTrace(args.file);
  await writeEdited(ctx, args, async (file) => {
    await ofTrace(args.file, compactTrace(trace, file, args));
    if (args.verify) await assertSame(trace, file.path);
  });
  using result = await openTrace(args.output);
  report(ctx, args, trace, result);
  return { exitCode: ExitCode.ok };
}

/** @throws UserError (usage) */
export function assertLevel(level: number): void {
  if (Number.isInteger(level) && level >= 1 && level <= MAXIMUM_LEVEL) return;
  throw new UserError(`--level ${level}: expected a whole number from 1 to ${MAXIMUM_LEVEL}`, {
    exitCode: ExitCode.usage,
  });
}

async function assertSame(trace: TraceFile, path: string): Promise<void> {
  using result = await openTrace(path);
  const differences = digestDifferences(await digestTrace(trace), await digestTrace(result));
  if (differences.length + result.damage.length === 0) return;
  const what = [...differences, ...result.damage].map(printable).join(', ');
  throw new UserError(`the compacted trace does not say the same as the original (${what}); it was not written`);
}

function report(ctx: Context, args: CompactArgs, before: TraceFile, after: TraceFile): void {
  const rows = after.summary?.transitions ?? 0;
  const sizes = [before, after].map(({ sizeBytes }) => formatBytes(sizeBytes));
  const each = rows > 0 ? `, ${(after.sizeBytes / rows).toFixed(2)} bytes per transition` : '';
  const verified = args.verify ? 'every row compared' : 'not compared (--no-verify)';
  ctx.stderr.write(`gotape: ${sizes.join(' → ')}${each} → ${printable(args.output)}\n`);
  ctx.stderr.write(`        ${formatCount(rows)} transitions, nothing left out; ${verified}\n`);
}
