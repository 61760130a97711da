/** The commands that judge what a program did: `check` and `diff`. */
import type { Argv } from 'yargs';
import type { Context, Outcome } from './context.js';
import { windowArgsOf, windowOptions } from './window-options.js';

type Run = (work: Promise<Outcome>) => Promise<void>;

export const JUDGES: readonly string[] = ['check', 'diff'];

const json = { type: 'boolean', default: false, describe: 'Print JSON' } as const;

export function defineJudges(cli: Argv, ctx: Context, run: Run): Argv {
  return cli
    .command(
      'check [file]',
      'Check assertions about a trace, for continuous integration',
      (y) =>
        windowOptions(y.positional('file', { type: 'string', describe: 'Trace file (.gotape.zip)' }))
          .option('max', {
            type: 'string',
            array: true,
            nargs: 1,
            default: [],
            describe: 'Assertion METRIC<LIMIT (also <=, >, >=, ==, !=); may be given again',
          })
          .option('list', { type: 'boolean', default: false, describe: 'Print all metrics' })
          .option('json', json)
          .example(
            "$0 check app.gotape.zip --max 'sched_wait.p99<1ms' --max 'goroutines.leaked<1'",
            'status 1 when one fails',
          )
          .example("$0 check app.gotape.zip --max 'block[sync.Mutex.Lock].p99<5ms'", 'of one wait reason')
          .example(
            "$0 check app.gotape.zip --max 'function[main.*].sched_wait.p99<2ms'",
            'of each function that matches',
          )
          .epilogue('An assertion about something that the trace does not tell fails.'),
      async ({ file, max, list, json, ...rest }) =>
        run(
          import('./check.js').then(({ runCheck }) =>
            runCheck(ctx, { file, max, list, json, window: windowArgsOf(rest) }),
          ),
        ),
    )
    .command(
      'diff <before> <after>',
      'Show what changed between two recordings of a program, and what is noise',
      (y) =>
        windowOptions(
          y
            .positional('before', { type: 'string', demandOption: true, describe: 'Trace file (.gotape.zip)' })
            .positional('after', { type: 'string', demandOption: true, describe: 'Trace file to compare with it' }),
        )
          .option('top', { type: 'number', nargs: 1, default: 15, describe: 'Changes to show' })
          .option('min-change', { type: 'string', nargs: 1, default: '25%', describe: 'Smaller changes are noise' })
          .option('json', json)
          .example('$0 diff before.gotape.zip after.gotape.zip', 'the weightiest changes first')
          .example('$0 diff a.gotape.zip b.gotape.zip --from 5s --until 20s', 'without the start of both')
          .epilogue('Each recording is cut into slices of time: what varies between them is the measure of noise.'),
      async ({ before, after, top, minChange, json, ...rest }) =>
        run(
          import('./diff.js').then(({ runDiff }) =>
            runDiff(ctx, { before, after, top, minimumChange: minChange, json, window: windowArgsOf(rest) }),
          ),
        ),
    );
}
