/** `--from`, `--to`, `--goid`, `--function`: which part of a trace a command is about. */
import type { Argv } from 'yargs';
import { parseDuration } from '../base/duration.js';
import { ExitCode, UserError } from '../base/errors.js';
import { matchesGlob } from '../base/glob.js';
import { formatNs, printable } from '../base/text.js';
import type { TraceSource } from '../model/trace-segment.js';
import type { Selection } from '../replay/window/window-source.js';

export interface WindowArgs {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly goid: readonly number[] | undefined;
  readonly function: string | undefined;
}

export function windowOptions<T>(cli: Argv<T>) {
  return partOptions(cli).option('to', { alias: 'until', ...END });
}

/** The same where `--to` means something else. */
export function windowOptionsWithUntil<T>(cli: Argv<T>) {
  return partOptions(cli).option('until', END);
}

const END = { type: 'string', describe: 'Only before this time after the start' } as const;

function partOptions<T>(cli: Argv<T>) {
  return cli
    .option('from', { type: 'string', describe: 'Only from this time after the start on (1.5s)' })
    .option('goid', { type: 'number', array: true, nargs: 1, describe: 'Only this goroutine; may be given again' })
    .option('function', { type: 'string', describe: 'Only goroutines whose start function matches: main.worker*' });
}

/** Undefined when the options choose nothing. */
export function windowArgsOf(args: WindowArgs): WindowArgs | undefined {
  const { from, to, goid, function: pattern } = args;
  const chooses = from !== undefined || to !== undefined || goid !== undefined || pattern !== undefined;
  return chooses ? { from, to, goid, function: pattern } : undefined;
}

/**
 * Reads the trace once when a pattern must be matched.
 * @param whenNone what to do about a pattern that matches nothing: of two traces that are compared, one may have none
 * @throws UserError (usage)
 */
export async function selectionOf(
  trace: TraceSource,
  args: WindowArgs,
  whenNone: 'refuse' | 'allow' = 'refuse',
): Promise<Selection> {
  const fromNs = args.from === undefined ? 0 : parseDuration(args.from, '--from');
  const toNs = args.to === undefined ? Number.POSITIVE_INFINITY : parseDuration(args.to, '--to');
  if (fromNs >= toNs)
    throw usage(`--from ${args.from} --to ${args.to}: the window is empty, expected --from before --to`);
  const goids = args.goid ?? [];
  for (const goid of goids) {
    if (!Number.isSafeInteger(goid) || goid <= 0) throw usage(`--goid ${goid}: expected a goroutine's id`);
  }
  const functions = args.function === undefined ? [] : [args.function];
  assertInside(trace, fromNs);
  return { fromNs, toNs, goids, functions, isWanted: await predicateOf(trace, goids, functions, whenNone) };
}

/** The end of a trace without summary is not known before it is read. */
function assertInside(trace: TraceSource & { readonly summary?: unknown }, fromNs: number): void {
  if (trace.summary === undefined || fromNs <= trace.endNs) return;
  throw usage(`--from ${formatNs(fromNs)}: the trace ends ${formatNs(trace.endNs)} after its start`);
}

async function predicateOf(
  trace: TraceSource,
  goids: readonly number[],
  functions: readonly string[],
  whenNone: 'refuse' | 'allow',
): Promise<Selection['isWanted']> {
  if (goids.length === 0 && functions.length === 0) return undefined;
  const wantedGoids = new Set(goids);
  const isChosen = (goid: number) => goids.length === 0 || wantedGoids.has(goid);
  if (functions.length === 0) return (_, goid) => isChosen(goid);
  const matching = await startedBy(trace, functions);
  if (matching.size === 0 && whenNone === 'refuse') {
    throw usage(
      `--function ${printable(functions.join(' '))}: no goroutine of the trace has such a start function (gotape analyze FILE names them)`,
    );
  }
  return (pid, goid) => isChosen(goid) && matching.get(pid)?.has(goid) === true;
}

/** Goroutines by process. */
async function startedBy(trace: TraceSource, patterns: readonly string[]): Promise<Map<number, Set<number>>> {
  const matching = new Map<number, Set<number>>();
  for await (const { goroutines } of trace.segments()) {
    for (const { pid, goid, startFunction } of goroutines) {
      if (!patterns.every((pattern) => matchesGlob(pattern, startFunction))) continue;
      const ofProcess = matching.get(pid) ?? new Set();
      matching.set(pid, ofProcess.add(goid));
    }
  }
  return matching;
}

function usage(message: string): UserError {
  return new UserError(message, { exitCode: ExitCode.usage });
}
