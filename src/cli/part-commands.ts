/** The commands that take traces apart and put them together. */
import type { Argv } from 'yargs';
import type { Context, Outcome } from './context.js';
import { windowOptions } from './window-options.js';

type Run = (work: Promise<Outcome>) => Promise<void>;

export const PART_COMMANDS: readonly string[] = ['cut', 'merge'];

export function definePartCommands(cli: Argv, ctx: Context, run: Run): Argv {
  return defineMerge(defineCut(cli, ctx, run), ctx, run);
}

function defineCut(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'cut <file>',
    'Make a trace of a part of a trace: a stretch of time, some goroutines',
    (y) =>
      withOutput(
        windowOptions(
          y.positional('file', { type: 'string', demandOption: true, describe: 'Trace file (.gotape.zip)' }),
        ),
      )
        .example('$0 cut app.gotape.zip --from 1s --to 1.5s -o part.gotape.zip', 'half a second of it')
        .example("$0 cut app.gotape.zip --function 'main.worker*' -o workers.gotape.zip", 'only these goroutines'),
    async (args) => run(import('./cut.js').then(({ runCut }) => runCut(ctx, args))),
  );
}

function defineMerge(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'merge <files..>',
    'Make one trace of several: processes that ran at once, or recordings one after another',
    (y) =>
      withOutput(
        y.positional('files', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Trace files (.gotape.zip), in any order',
        }),
      )
        .example('$0 merge client.gotape.zip server.gotape.zip -o both.gotape.zip', 'two processes, one clock')
        .example('$0 merge monday-*.gotape.zip -o monday.gotape.zip', 'recordings one after another'),
    async (args) => run(import('./merge.js').then(({ runMerge }) => runMerge(ctx, args))),
  );
}

function withOutput<T>(cli: Argv<T>) {
  return cli
    .option('output', {
      alias: 'o',
      type: 'string',
      nargs: 1,
      demandOption: true,
      describe: 'File to write (.gotape.zip)',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' })
    .option('level', { type: 'number', nargs: 1, default: 3, describe: 'zstd level of what is written anew, 1 to 22' });
}
