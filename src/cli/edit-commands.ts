/** The commands that make a trace of a trace. */
import type { Argv } from 'yargs';
import type { Context, Outcome } from './context.js';

type Run = (work: Promise<Outcome>) => Promise<void>;

export const EDITORS: readonly string[] = ['compact', 'redact', 'attach'];

export function defineEditors(cli: Argv, ctx: Context, run: Run): Argv {
  return defineAttach(defineCompact(cli, ctx, run), ctx, run);
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
        .example('$0 compact app.gotape.zip -o small.gotape.zip', 'a third smaller, nothing lost'),
    async ({ file, output, force, level, verify }) =>
      run(import('./compact.js').then(({ runCompact }) => runCompact(ctx, { file, output, force, level, verify }))),
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
