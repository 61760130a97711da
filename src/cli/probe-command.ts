/** The command that looks into an executable. */
import type { Argv } from 'yargs';
import type { Context, Outcome } from './context.js';

type Run = (work: Promise<Outcome>) => Promise<void>;

export const PROBE_COMMANDS: readonly string[] = ['probe'];

export function defineProbeCommand(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'probe <exe> <pattern>',
    'List the functions whose calls could be recorded, their arguments, and what a call would cost',
    (y) =>
      y
        .positional('exe', { type: 'string', demandOption: true, describe: 'Go executable' })
        .positional('pattern', {
          type: 'string',
          demandOption: true,
          describe: "Name of a function, '*' is any text, as of record --call",
        })
        .option('json', { type: 'boolean', default: false, describe: 'Print JSON' })
        .example("$0 probe ./server 'main.(*Server).*'", 'every method of a type')
        .epilogue('Needs no privileges: it reads the file and starts nothing.'),
    async ({ exe, pattern, json }) =>
      run(import('./probe.js').then(({ runProbe }) => runProbe(ctx, { exe, pattern, json }))),
  );
}
