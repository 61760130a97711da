/** `gotape convert`: trace → replay → another format. */
import { basename } from 'node:path';
import { ExitCode, systemErrorCode, UserError } from '../base/errors.js';
import { formatBytes, formatCount, printable } from '../base/text.js';
import type { ConvertFormat } from '../convert/format.js';
import { FORMATS } from '../convert/formats.js';
import type { TraceSource } from '../model/trace-segment.js';
import { WindowSource } from '../replay/window/window-source.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { FileOutput, StreamOutput } from './convert-output.js';
import { type Conversion, convertTrace } from './convert-trace.js';
import { selectionOf, type WindowArgs } from './window-options.js';

export interface ConvertArgs {
  readonly file: string;
  readonly to: string;
  /** `-` is stdout; a name that ends in `.gz` is compressed; undefined is the input's name with another ending. */
  readonly output: string | undefined;
  readonly force: boolean;
  /** Undefined: all of the trace. */
  readonly window?: WindowArgs | undefined;
}

type Written = Conversion & { readonly bytes: number };

const STDOUT = '-';

export async function runConvert(ctx: Context, args: ConvertArgs): Promise<Outcome> {
  const format = formatOf(args.to);
  using trace = await openTrace(args.file);
  const source = args.window === undefined ? trace : new WindowSource(trace, await selectionOf(trace, args.window));
  const output = args.output ?? defaultOutput(args.file, format);
  try {
    const written =
      output === STDOUT
        ? await toStream(format, source, ctx.stdout)
        : await toFile(format, source, new FileOutput(output, args.force));
    report(ctx, trace, format, output, written);
  } catch (error) {
    // Whoever read our stdout has seen enough.
    if (output === STDOUT && systemErrorCode(error) === 'EPIPE') return { exitCode: ExitCode.ok };
    throw error;
  }
  return { exitCode: hasLosses(trace) ? ExitCode.dataLoss : ExitCode.ok };
}

/** @throws UserError (usage) */
function formatOf(name: string): ConvertFormat {
  const format = FORMATS.find((known) => known.name === name);
  if (format !== undefined) return format;
  const names = FORMATS.map((known) => known.name).join(', ');
  throw new UserError(`--to ${printable(name)}: not a format, expected ${names}`, { exitCode: ExitCode.usage });
}

async function toStream(format: ConvertFormat, source: TraceSource, stream: NodeJS.WritableStream): Promise<Written> {
  const output = new StreamOutput(stream);
  return { ...(await convertTrace(format, source, output)), bytes: output.bytes };
}

async function toFile(format: ConvertFormat, source: TraceSource, output: FileOutput): Promise<Written> {
  const removeOnSignal = (signal: NodeJS.Signals) => {
    output.discard();
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', removeOnSignal).once('SIGTERM', removeOnSignal);
  try {
    const conversion = await convertTrace(format, source, output);
    await output.publish();
    return { ...conversion, bytes: output.bytes };
  } catch (error) {
    await output.abandon();
    throw error;
  } finally {
    process.off('SIGINT', removeOnSignal).off('SIGTERM', removeOnSignal);
  }
}

function defaultOutput(input: string, { extension }: ConvertFormat): string {
  return `${basename(input).replace(/(\.gotape)?\.zip$/, '')}${extension}`;
}

function report(ctx: Context, trace: TraceFile, format: ConvertFormat, output: string, written: Written): void {
  const { report: audit, counts, bytes } = written;
  const name = output === STDOUT ? 'stdout' : printable(output);
  ctx.stderr.write(`${name}: ${formatBytes(bytes)}, from ${formatCount(counts.transitions)} transitions\n`);
  ctx.stderr.write(`${audit.summary()}\n`);
  for (const sentence of lossSentences(trace)) ctx.stderr.write(`warning: ${sentence}\n`);
  if (output !== STDOUT) ctx.stderr.write(`open it in ${format.opens}\n`);
}

function lossSentences(trace: TraceFile): string[] {
  const lost = lostEvents(trace);
  const losses = lost > 0 ? [`${formatCount(lost)} events were lost while recording`] : [];
  return [...losses, ...trace.damage];
}

function hasLosses(trace: TraceFile): boolean {
  return trace.damage.length > 0 || lostEvents(trace) > 0;
}

function lostEvents({ summary }: TraceFile): number {
  return summary === undefined ? 0 : summary.losses.dropped + summary.losses.faulted;
}
