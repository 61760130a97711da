/** The commands that make a trace of a trace. */
import type { Argv } from 'yargs';
import type { Context, Outcome } from './context.js';

type Run = (work: Promise<Outcome>) => Promise<void>;

export const EDITORS: readonly string[] = ['compact', 'redact', 'attach'];

export function defineEditors(cli: Argv, ctx: Context, run: Run): Argv {
  return defineAttach(defineRedact(defineCompact(cli, ctx, run), ctx, run), ctx, run);
}

function defineCompact(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'compact <file>',
    'Make the file smaller, to attach it: the same trace, compressed harder',
    (y) =>
      withOutput(withFile(y))
        .option('level', { type: 'number', default: 19, describe: 'zstd level, 1 to 22' })
        .option('verify', {
          type: 'boolean',
          default: true,
          describe: 'Read both files and compare them; --no-verify leaves it out',
        })
        .option('fit', { type: 'string', describe: 'Size at most (25MB): what does not fit is left out, and told' })
        .option('around', {
          type: 'string',
          describe: 'With --fit: keep what is around this time, not the worst waits',
        })
        .example('$0 compact app.gotape.zip -o small.gotape.zip', 'a third smaller, nothing lost')
        .example('$0 compact app.gotape.zip -o small.gotape.zip --fit 25MB', 'for a bug tracker'),
    async (args) => run(import('./compact.js').then(({ runCompact }) => runCompact(ctx, args))),
  );
}

function defineRedact(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'redact <file> [redacted]',
    'Make a trace that can be shown outside: names become pseudonyms',
    (y) =>
      withFile(y)
        .positional('redacted', { type: 'string', describe: 'With --verify: the redacted trace' })
        .option('output', { alias: 'o', type: 'string', describe: 'File to write (.gotape.zip)' })
        .option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' })
        .option('keep', {
          type: 'string',
          array: true,
          nargs: 1,
          default: [],
          describe: "Keep names of these packages ('github.com/acme/*'); may be given again",
        })
        .option('key', { type: 'string', describe: 'File with a key, or env:NAME: same key, same pseudonyms' })
        .option('keep-attachments', {
          type: 'boolean',
          default: false,
          describe: 'Keep notes and attachments as they are',
        })
        .option('pids', { type: 'boolean', default: false, describe: 'Number processes and threads anew' })
        .option('time', { type: 'boolean', default: true, describe: 'Keep the date; --no-time moves it to 2000-01-01' })
        .option('level', { type: 'number', default: 3, describe: 'zstd level, 1 to 22' })
        .option('verify', {
          type: 'boolean',
          default: false,
          describe: 'Search a redacted trace for what is left of FILE',
        })
        .example('$0 redact app.gotape.zip -o public.gotape.zip', 'pseudonyms of a random key')
        .example("$0 redact app.gotape.zip -o public.gotape.zip --keep 'golang.org/x/*'", 'names of these stay')
        .example('$0 redact --verify app.gotape.zip public.gotape.zip', 'prove that nothing survived'),
    async (args) => run(import('./redact.js').then(({ runRedact }) => runRedact(ctx, args))),
  );
}

function defineAttach(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'attach <file> <attachments..>',
    'Put notes and other files into a trace',
    (y) =>
      withFile(y)
        .positional('attachments', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Files to put into it',
        })
        .option('output', { alias: 'o', type: 'string', describe: 'Write another file in place of changing this one' })
        .option('force', { type: 'boolean', default: false, describe: 'Overwrite the other file' })
        .example('$0 attach app.gotape.zip note.md top.txt', 'gotape info --notes app.gotape.zip shows them'),
    async ({ file, attachments, output, force }) =>
      run(import('./attach.js').then(({ runAttach }) => runAttach(ctx, { file, attachments, output, force }))),
  );
}

function withFile<T>(cli: Argv<T>) {
  return cli.positional('file', { type: 'string', demandOption: true, describe: 'Trace file (.gotape.zip)' });
}

function withOutput<T>(cli: Argv<T>) {
  return cli
    .option('output', { alias: 'o', type: 'string', demandOption: true, describe: 'File to write (.gotape.zip)' })
    .option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' });
}
