/** `gotape compact`: the same trace in a smaller file. */
import { parseDuration } from '../base/duration.js';
import { ExitCode, UserError } from '../base/errors.js';
import { parseSize } from '../base/size.js';
import { formatBytes, formatCount, formatNs, printable } from '../base/text.js';
import { compactTrace } from '../trace/edit/compact-trace.js';
import { digestDifferences, digestTrace } from '../trace/edit/trace-digest.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { ofTrace, writeEdited } from './edited-trace.js';
import { writeFitted } from './fit.js';

const MAXIMUM_LEVEL = 22;

/** No trace gets smaller than this part of what a recorder wrote: what is larger need not be tried as a whole. */
const LEAST_PART = 0.4;
const USUAL_PART = 0.66;

export interface CompactArgs {
  readonly file: string;
  readonly output: string;
  readonly force: boolean;
  /** zstd's, 1 to 22. */
  readonly level: number;
  /** Reads both files and compares them. */
  readonly verify: boolean;
  /** Size of the file at most: `25MB`. */
  readonly fit: string | undefined;
  /** Time after the start that the file must show when not everything fits. */
  readonly around: string | undefined;
}

export async function runCompact(ctx: Context, args: CompactArgs): Promise<Outcome> {
  assertLevel(args.level);
  if (args.around !== undefined && args.fit === undefined) throw usage('--around: expected --fit SIZE with it');
  const fitBytes = args.fit === undefined ? Number.POSITIVE_INFINITY : parseSize(args.fit, '--fit');
  const aroundNs = args.around === undefined ? undefined : parseDuration(args.around, '--around');
  using trace = await openTrace(args.file);
  if (aroundNs !== undefined && aroundNs > trace.endNs)
    throw usage(`--around ${args.around}: the trace ends ${formatNs(trace.endNs)} after its start`);
  const leftOut = await writeEdited(ctx, args, async (file) => {
    const isHopeless = trace.sizeBytes * LEAST_PART > fitBytes;
    if (!isHopeless) await ofTrace(args.file, compactTrace(trace, file, args));
    if (!isHopeless && file.bytes <= fitBytes) {
      if (args.verify) await assertSame(trace, file.path);
      return undefined;
    }
    const rows = Math.max(1, trace.summary?.transitions ?? 1);
    const bytesPerRow = (isHopeless ? trace.sizeBytes * USUAL_PART : file.bytes) / rows;
    const check = args.verify ? assertSame : async () => {};
    const fitted = writeFitted(ctx, trace, file, { ...args, fitBytes, aroundNs, check }, bytesPerRow);
    return (await ofTrace(args.file, fitted)).leftOut;
  });
  using result = await openTrace(args.output);
  report(ctx, args, { before: trace, after: result, leftOut });
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

function report(
  ctx: Context,
  args: CompactArgs,
  { before, after, leftOut }: { before: TraceFile; after: TraceFile; leftOut: string | undefined },
): void {
  const rows = after.summary?.transitions ?? 0;
  const sizes = [before, after].map(({ sizeBytes }) => formatBytes(sizeBytes));
  const each = rows > 0 ? `, ${(after.sizeBytes / rows).toFixed(2)} bytes per transition` : '';
  const verified = args.verify ? 'every row compared' : 'not compared (--no-verify)';
  const of = leftOut === undefined ? 'nothing left out' : `of ${formatCount(before.summary?.transitions ?? 0)}`;
  ctx.stderr.write(`gotape: ${sizes.join(' → ')}${each} → ${printable(args.output)}\n`);
  ctx.stderr.write(`        ${formatCount(rows)} transitions, ${of}; ${verified}\n`);
  if (leftOut !== undefined) ctx.stderr.write(`        ${leftOut}\n`);
}

function usage(sentence: string): UserError {
  return new UserError(sentence, { exitCode: ExitCode.usage });
}
