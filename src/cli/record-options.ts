import type { ArgumentsCamelCase, Argv, InferredOptionTypes } from 'yargs';
import { ExitCode, UserError } from '../base/errors.js';
import type { RecordArgs } from './record.js';
import type { RecordTarget } from './record-target.js';

const options = {
  pid: { alias: 'p', type: 'number', nargs: 1, describe: 'Record this running process' },
  exe: { alias: 'e', type: 'string', nargs: 1, describe: 'Record every process of this executable, now and later' },
  output: { alias: 'o', type: 'string', nargs: 1, describe: 'File to write [NAME-TIME.gotape.zip]' },
  force: { type: 'boolean', default: false, describe: 'Overwrite the file' },
  duration: { alias: 'd', type: 'string', nargs: 1, describe: 'Stop after this time (30s, 5m)' },
  'max-size': { type: 'string', nargs: 1, describe: 'Stop when the file has this size (100MB)' },
  stacks: {
    type: 'boolean',
    default: false,
    describe: 'Record where each goroutine begins to wait or enters a system call',
  },
  sched: {
    type: 'boolean',
    default: false,
    describe: 'Record too when the OS gave its threads a CPU and took it away',
  },
  call: {
    type: 'string',
    nargs: 1,
    describe: "Record too the calls of functions of this name, '*' is any text (may be repeated)",
  },
  buffer: { type: 'string', nargs: 1, default: '32MiB', describe: 'Ring buffer between kernel and recorder' },
  level: { type: 'number', nargs: 1, default: 3, describe: 'zstd level, 1 to 19' },
  note: { type: 'string', nargs: 1, describe: 'Text to keep in the trace (may be repeated)' },
  quiet: { alias: 'q', type: 'boolean', default: false, describe: 'No progress and no report' },
  verbose: { alias: 'v', type: 'boolean', default: false, describe: 'Show the log of libbpf and the kernel' },
} as const;

export function recordOptions(cli: Argv) {
  return cli
    .usage('$0 record (-p PID | -e FILE | -- COMMAND ARGS…) [options]')
    .options(options)
    .example('sudo $0 record -p 4242 -d 30s', 'half a minute of a running service')
    .example('sudo $0 record -o build.gotape.zip -- ./server -addr :8080', 'a command from its first instruction on')
    .example("sudo $0 record -p 4242 -d 5s --call 'main.(*Server).Handle'", 'and each call of a function')
    .example('sudo $0 record -e /usr/bin/dockerd', 'every process of this file until Ctrl-C');
}

type Parsed = ArgumentsCamelCase<InferredOptionTypes<typeof options>>;

/** @throws UserError (usage) for values that make no sense together or alone */
export function recordArgsOf(args: Parsed): RecordArgs {
  if (!(Number.isInteger(args.level) && args.level >= 1 && args.level <= 19)) throw usage('--level: expected 1 to 19');
  return {
    target: targetOf(args),
    output: args.output,
    force: args.force,
    duration: args.duration,
    maxSize: args['maxSize'],
    stacks: args.stacks,
    sched: args.sched,
    calls: textsOf(args.call),
    buffer: args.buffer,
    level: args.level,
    notes: textsOf(args.note),
    quiet: args.quiet,
    verbose: args.verbose,
  };
}

/** Of an option that may be repeated. */
function textsOf(given: unknown): string[] {
  return Array.isArray(given) ? given.map(String) : given === undefined ? [] : [String(given)];
}

function targetOf(args: Parsed): RecordTarget {
  const rest: unknown = args['--'];
  const command = Array.isArray(rest) ? rest.map(String) : undefined;
  const given = [args.pid, args.exe, command].filter((target) => target !== undefined).length;
  if (given !== 1) throw usage('record: say one of -p PID, -e FILE or -- COMMAND');
  if (args.exe !== undefined) return { kind: 'executable', path: args.exe };
  if (command !== undefined) return { kind: 'command', command };
  const pid = args.pid ?? Number.NaN;
  if (!(Number.isInteger(pid) && pid > 0 && pid < 2 ** 22 + 1)) throw usage('-p: expected the number of a process');
  return { kind: 'process', pid };
}

function usage(message: string): UserError {
  return new UserError(`${message} (gotape record --help)`, { exitCode: ExitCode.usage });
}
