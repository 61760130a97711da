/** `gotape redact`: a trace that can be shown outside, and the proof that it can. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ExitCode, errorText, UserError } from '../base/errors.js';
import { FileSource } from '../base/file-source.js';
import { formatBytes, formatCount, printable } from '../base/text.js';
import { publicPackages } from '../trace/edit/redact/name-redactor.js';
import { redactTrace } from '../trace/edit/redact/redact-trace.js';
import { collectSensitive } from '../trace/edit/redact/sensitive-of-trace.js';
import { findSurvivors, type Survivor } from '../trace/edit/redact/survivors.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import { assertLevel } from './compact.js';
import type { Context, Outcome } from './context.js';
import { ofTrace, writeEdited } from './edited-trace.js';

const MINIMUM_KEY_BYTES = 16;
const MAXIMUM_KEY_BYTES = 4096;

export interface RedactArgs {
  readonly file: string;
  readonly redacted: string | undefined;
  readonly output: string | undefined;
  readonly force: boolean;
  readonly keep: readonly string[];
  /** A file, or `env:NAME`. */
  readonly key: string | undefined;
  readonly keepAttachments: boolean;
  readonly pids: boolean;
  readonly time: boolean;
  readonly level: number;
  readonly verify: boolean;
}

export async function runRedact(ctx: Context, args: RedactArgs): Promise<Outcome> {
  const { file, redacted, output } = args;
  assertLevel(args.level);
  if (args.verify) {
    if (redacted === undefined || output !== undefined)
      throw usage('redact --verify: expected two traces, the original and the redacted one');
    return verifyRedacted(ctx, { file, redacted, keep: args.keep });
  }
  if (redacted !== undefined)
    throw usage(`redact: unexpected argument ${printable(redacted)}; the output stands after -o`);
  if (output === undefined) throw usage('redact: expected -o OUT, the file to write');
  return writeRedacted(ctx, { ...args, output });
}

async function writeRedacted(ctx: Context, args: RedactArgs & { readonly output: string }): Promise<Outcome> {
  const key = readKey(args.key, ctx.env);
  using trace = await openTrace(args.file);
  const { leftOut, survivors } = await writeEdited(ctx, args, async (file) => {
    const options = { ...args, key, renumber: args.pids, moveClocks: !args.time };
    const names = await ofTrace(args.file, redactTrace(trace, file, options));
    const search = await searchSurvivors(trace, file.path, args.keep);
    // What was kept on purpose is told, and no reason to refuse.
    if (search.survivors.length > 0 && !args.keepAttachments) throw new UserError(refusal(search.survivors));
    return { leftOut: names, survivors: search.survivors };
  });
  report(ctx, { ...args, trace, leftOut, survivors });
  for (const survivor of survivors) ctx.stderr.write(`warning: still there: ${describe(survivor)}\n`);
  return { exitCode: ExitCode.ok };
}

async function verifyRedacted(
  ctx: Context,
  { file, redacted, keep }: { file: string; redacted: string; keep: readonly string[] },
): Promise<Outcome> {
  using original = await openTrace(file);
  using copy = await openTrace(redacted);
  const { survivors, searched, skipped } = await searchSurvivors(original, redacted, keep);
  for (const sentence of [...original.damage, ...copy.damage]) ctx.stderr.write(`warning: ${printable(sentence)}\n`);
  for (const survivor of survivors) ctx.stdout.write(`${describe(survivor)}\n`);
  const verdict = survivors.length === 0 ? 'none survived' : `${formatCount(survivors.length)} survived`;
  ctx.stderr.write(`gotape: looked for ${formatCount(searched)} strings of ${printable(file)}: ${verdict}\n`);
  if (skipped > 0)
    ctx.stderr.write(`        not looked for: ${formatCount(skipped)} that are short or in every trace\n`);
  if (survivors.length > 0) return { exitCode: ExitCode.failure };
  return { exitCode: original.damage.length + copy.damage.length > 0 ? ExitCode.dataLoss : ExitCode.ok };
}

interface Search {
  readonly survivors: readonly Survivor[];
  readonly searched: number;
  readonly skipped: number;
}

async function searchSurvivors(original: TraceFile, path: string, keep: readonly string[]): Promise<Search> {
  const { strings, skipped } = await collectSensitive(original, publicPackages(keep));
  using source = new FileSource(path);
  const survivors = await ofTrace(path, (async () => findSurvivors(source, strings))());
  return { survivors, searched: strings.size, skipped };
}

/** @throws UserError */
function readKey(key: string | undefined, env: NodeJS.ProcessEnv): Uint8Array {
  if (key === undefined) return randomBytes(32);
  const variable = /^env:(.+)$/.exec(key)?.[1];
  const bytes = variable === undefined ? readKeyFile(key) : Buffer.from(env[variable] ?? '');
  if (bytes.length >= MINIMUM_KEY_BYTES) return bytes;
  throw usage(`--key ${printable(key)}: is ${bytes.length} bytes, expected ${MINIMUM_KEY_BYTES} or more`);
}

function readKeyFile(path: string): Uint8Array {
  try {
    return readFileSync(path).subarray(0, MAXIMUM_KEY_BYTES);
  } catch (error) {
    throw new UserError(`--key ${printable(path)}: ${errorText(error)}`, { cause: error });
  }
}

function refusal(survivors: readonly Survivor[]): string {
  return `redaction left ${survivors.length} strings of the original (${describe(survivors[0]!)}); nothing was written`;
}

function describe({ text, where }: Survivor): string {
  return `${printable(where)}: ${printable(text)}`;
}

interface Written {
  readonly output: string;
  readonly trace: TraceFile;
  readonly leftOut: readonly string[];
  readonly survivors: readonly Survivor[];
}

function report(ctx: Context, { output, key, trace, leftOut, survivors }: RedactArgs & Written): void {
  const { sizeBytes, facts } = trace;
  const verdict =
    survivors.length === 0 ? 'nothing survived' : `${formatCount(survivors.length)} strings are still there`;
  ctx.stderr.write(`gotape: ${formatBytes(sizeBytes)} redacted → ${printable(output)}; searched, ${verdict}\n`);
  const dropped = [...facts.notes.map(() => 'a note'), ...leftOut.map(printable)];
  if (dropped.length > 0) ctx.stderr.write(`        left out: ${dropped.join(', ')} (--keep-attachments keeps them)\n`);
  if (key === undefined)
    ctx.stderr.write('        the key was random: another run makes other pseudonyms (--key FILE)\n');
}

function usage(sentence: string): UserError {
  return new UserError(`${sentence} (gotape redact --help)`, { exitCode: ExitCode.usage });
}
