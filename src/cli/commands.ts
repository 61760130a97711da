/** The command line: what can be said, and which function does it. */
import yargs, { type Argv } from 'yargs';
import { ExitCode, UserError } from '../base/errors.js';
import { analyzeOptions } from './analyze-options.js';
import { CHECKERS, defineCheckers } from './check-commands.js';
import type { Context, Outcome } from './context.js';
import { CONVERT_COMMANDS, defineConverters } from './convert-commands.js';
import { defineEditors, EDITORS } from './edit-commands.js';
import { defineJudges, JUDGES } from './judge-commands.js';
import { definePartCommands, PART_COMMANDS } from './part-commands.js';
import { defineProbeCommand, PROBE_COMMANDS } from './probe-command.js';
import { recordArgsOf, recordOptions } from './record-options.js';
import { versionText } from './version.js';
import { windowArgsOf } from './window-options.js';

/** Runs one command. @throws UserError */
export async function parseAndRun(ctx: Context, argv: readonly string[]): Promise<Outcome> {
  let outcome: Outcome = { exitCode: ExitCode.ok };
  const run = async (work: Promise<Outcome>) => {
    outcome = await work;
  };
  await defineCommands(yargs(argv), argv, ctx, run).parseAsync();
  return outcome;
}

const COMMANDS: readonly string[] = [
  'record',
  'info',
  'analyze',
  ...CONVERT_COMMANDS,
  'replay',
  ...JUDGES,
  ...CHECKERS,
  ...EDITORS,
  ...PART_COMMANDS,
  ...PROBE_COMMANDS,
];

type Run = (work: Promise<Outcome>) => Promise<void>;

/** yargs sets examples in two narrow columns, which breaks commands: each gets a line of its own, so that it can be pasted. */
function withPlainExamples(cli: Argv): Argv {
  const add: (text: string, description: string) => Argv = cli.example.bind(cli);
  const plain = (command: string, description: string) => add(`# ${description}\n${command}`, '');
  cli.example = plain as typeof cli.example;
  return cli;
}

function defineCommands(cli: Argv, argv: readonly string[], ctx: Context, run: Run): Argv {
  const base = withPlainExamples(cli)
    .scriptName('gotape')
    .usage('$0 COMMAND\n\nRecords what every goroutine of a running Go program does; reads such recordings anywhere.')
    .version(versionText())
    .alias({ h: 'help' })
    .locale('en')
    .parserConfiguration({ 'populate--': true, 'duplicate-arguments-array': true })
    .strictCommands()
    .strict()
    .check(assertNoRepeats, true)
    .demandCommand(1, `say a command: ${COMMANDS.join(', ')}`)
    .completion('completion', 'Print a completion script for bash or zsh')
    .wrap(100)
    .fail((message: string | null, error: Error | undefined) => {
      // What yargs itself throws is about usage as well.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new UserError(usageSentence(message ?? error?.message ?? '', argv), { exitCode: ExitCode.usage });
    });
  const recorders = defineProbeCommand(defineRecord(base, ctx, run), ctx, run);
  const readers = defineReaders(defineConverters(recorders, ctx, run), ctx, run);
  return definePartCommands(
    defineEditors(defineCheckers(defineJudges(readers, ctx, run), ctx, run), ctx, run),
    ctx,
    run,
  );
}

/** What yargs found wrong, in the words of the other errors. */
function usageSentence(message: string, [command = '']: readonly string[]): string {
  const sentence = message.charAt(0).toLowerCase() + message.slice(1);
  if (!COMMANDS.includes(command)) return `${sentence} (gotape --help)`;
  const found = sentence
    .replace(/^unknown command/, 'unexpected argument')
    .replace(/^invalid values:\s+Argument: (\S+), Given: (.*), Choices: (.*)/, '--$1: is $2, expected $3')
    .replace(
      /^not enough non-option arguments.*/,
      command === 'probe' ? 'expected an executable and the name of a function' : 'expected the name of a trace file',
    );
  const isCommand = command === 'record' && found.startsWith('unexpected');
  return `${command}: ${found}${isCommand ? '; a command to record stands after --' : ''} (gotape ${command} --help)`;
}

/** Options that gather what is said more than once. */
const REPEATABLE: readonly string[] = [
  '_',
  '--',
  'note',
  'keep',
  'attachments',
  'files',
  'goid',
  'section',
  'max',
  'call',
];

/** Which of two values is meant? @throws UserError (usage) */
function assertNoRepeats(args: Readonly<Record<string, unknown>>): true {
  // Long names before their aliases.
  for (const [name, value] of Object.entries(args).toSorted(([a], [b]) => b.length - a.length)) {
    if (!Array.isArray(value) || REPEATABLE.includes(name)) continue;
    throw new UserError(`--${name}: is given ${value.length} times, expected once (gotape --help)`, {
      exitCode: ExitCode.usage,
    });
  }
  return true;
}

function defineRecord(cli: Argv, ctx: Context, run: Run): Argv {
  return cli.command(
    'record',
    'Record a running process, every process of an executable, or a command',
    recordOptions,
    async (args) => run(import('./record.js').then(({ runRecord }) => runRecord(ctx, recordArgsOf(args)))),
  );
}

function defineReaders(cli: Argv, ctx: Context, run: Run): Argv {
  return cli
    .command(
      'info <file>',
      'Show what a trace is: target, probes, losses, sizes',
      (y) =>
        withFile(y)
          .option('notes', { type: 'boolean', default: false, describe: 'Only notes and attachments' })
          .option('json', jsonOption)
          .example('$0 info app.gotape.zip', 'what was recorded, and what is in it'),
      async ({ file, notes, json }) =>
        run(
          notes
            ? import('./info-notes.js').then(({ runInfoNotes }) => runInfoNotes(ctx, { file, json }))
            : import('./info.js').then(({ runInfo }) => runInfo(ctx, { file, json })),
        ),
    )
    .command(
      'analyze <file>',
      'Show where the time of all goroutines went',
      (y) => analyzeOptions(withFile(y)).option('json', jsonOption),
      async (args) =>
        run(import('./analyze.js').then(({ runAnalyze }) => runAnalyze(ctx, { ...args, window: windowArgsOf(args) }))),
    )
    .command(
      'replay <file>',
      'Print the transitions as lines',
      (y) =>
        withFile(y)
          .option('speed', {
            type: 'number',
            nargs: 1,
            describe: 'Pace the lines: 1 as it happened, 0.1 ten times slower',
          })
          .option('goid', { type: 'number', nargs: 1, describe: 'Only this goroutine' })
          .option('from', { type: 'string', nargs: 1, describe: 'Only from this time on (1.5s after the start)' })
          .option('to', { alias: 'until', type: 'string', nargs: 1, describe: 'Only up to this time' })
          .option('calls', {
            type: 'boolean',
            default: false,
            describe: 'The calls that record --call recorded, instead',
          })
          .option('json', jsonOption)
          .example('$0 replay app.gotape.zip --goid 7 --from 1s --to 1.5s', 'one goroutine, half a second'),
      async ({ file, speed, goid, from, to, calls, json }) => {
        const args = { file, speed, goid, from, to, json };
        return run(
          calls
            ? import('./replay-calls.js').then(({ runReplayCalls }) => runReplayCalls(ctx, args))
            : import('./replay.js').then(({ runReplay }) => runReplay(ctx, args)),
        );
      },
    );
}

const jsonOption = { type: 'boolean', default: false, describe: 'Print JSON' } as const;

function withFile<T>(cli: Argv<T>) {
  return cli.positional('file', { type: 'string', demandOption: true, describe: 'Trace file (.gotape.zip)' });
}
