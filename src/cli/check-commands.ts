/** The commands that judge a trace file and mend it. */
import type { Argv } from 'yargs';
import type { Context, Outcome } from './context.js';

type Run = (work: Promise<Outcome>) => Promise<void>;

export const CHECKERS: readonly string[] = ['verify', 'repair'];

export function defineCheckers(cli: Argv, ctx: Context, run: Run): Argv {
  return cli
    .command(
      'verify <files..>',
      'Check that a trace is sound, in every byte and in what it says',
      (y) =>
        y
          .positional('files', {
            type: 'string',
            array: true,
            demandOption: true,
            describe: 'Trace files (.gotape.zip)',
          })
          .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
          .example('$0 verify app.gotape.zip', 'a line for each problem; status 1 when there is any')
          .example('$0 verify --json *.gotape.zip | jq .sound', 'of many files'),
      async ({ files, json }) => run(import('./verify.js').then(({ runVerify }) => runVerify(ctx, { files, json }))),
    )
    .command(
      'repair <file>',
      'Make a sound trace of one that was cut off or damaged',
      (y) =>
        y
          .positional('file', { type: 'string', demandOption: true, describe: 'Trace file (.gotape.zip)' })
          .option('output', {
            alias: 'o',
            type: 'string',
            nargs: 1,
            demandOption: true,
            describe: 'File to write (.gotape.zip)',
          })
          .option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' })
          .example('$0 repair torn.gotape.zip -o whole.gotape.zip', 'status 3 when something was lost, and what')
          .epilogue('Keeps every intact entry as it is, byte for byte. The file that is read stays as it is.'),
      async ({ file, output, force }) =>
        run(import('./repair.js').then(({ runRepair }) => runRepair(ctx, { file, output, force }))),
    );
}
