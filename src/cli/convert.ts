/** `gotape convert`: trace → replay → another format. */
import { basename } from 'node:path';
import { ExitCode, systemErrorCode, UserError } from '../base/errors.js';
import { formatBytes, formatCount, printable } from '../base/text.js';
import type { ConvertFormat, ConvertOptions } from '../convert/format.js';
import type { ReplayCounts } from '../model/span-sink.js';
import type { TraceSource } from '../model/trace-segment.js';
import { WindowSource } from '../replay/window/window-source.js';
import { wrap } from '../report/wrap.js';
import type { TraceFile } from '../trace/open-trace.js';
import { openTraceAhead } from '../trace/parallel/open-ahead.js';
import type { Context, Outcome } from './context.js';
import { type ConvertOptionArgs, formatOf, optionsFor } from './convert-options.js';
import { type CountedOutput, FileOutput, FolderOutput, StreamOutput } from './convert-output.js';
import { ConvertProgress } from './convert-progress.js';
import { type Conversion, convertTrace } from './convert-trace.js';
import { assertNotTheTrace } from './converted-file.js';
import { selectionOf, type WindowArgs } from './window-options.js';

export interface ConvertArgs extends ConvertOptionArgs {
  readonly file: string;
  /** Undefined: what `output` ends in. */
  readonly to?: string | undefined;
  /** `-` is stdout; a name that ends in `.gz` is compressed; undefined is the input's name with another ending. */
  readonly output?: string | undefined;
  readonly force: boolean;
  /** Undefined: all of the trace. */
  readonly window?: WindowArgs | undefined;
}

/** What is converted into what. */
interface Job {
  readonly ctx: Context;
  readonly format: ConvertFormat;
  readonly source: TraceSource;
  readonly options: ConvertOptions;
}

type Written = Conversion & { readonly bytes: number; readonly paths: readonly string[] };

const STDOUT = '-';
/** Less the indent of the second line on: 100 columns in all. */
const LINE_WIDTH = 98;

export async function runConvert(ctx: Context, args: ConvertArgs): Promise<Outcome> {
  const format = formatOf(args.to, args.output);
  const options = { ...optionsFor(format, args), baseName: baseNameOf(args.file) };
  using trace = await openTraceAhead(args.file);
  const source = args.window === undefined ? trace : new WindowSource(trace, await selectionOf(trace, args.window));
  const output = args.output ?? defaultOutput(format, options);
  await assertNotTheTrace(output, args.file);
  const job = { ctx, format, source, options };
  try {
    const written =
      output === STDOUT ? await toStream(job, ctx.stdout) : await toFiles(job, outputAt(output, job, args.force));
    report(ctx, trace, format, output, written);
  } catch (error) {
    // Whoever read our stdout has seen enough.
    if (output === STDOUT && systemErrorCode(error) === 'EPIPE') return { exitCode: ExitCode.ok };
    throw error;
  }
  return { exitCode: hasLosses(trace) ? ExitCode.dataLoss : ExitCode.ok };
}

function outputAt(path: string, { format, options }: Job, overwrite: boolean): FileOutput | FolderOutput {
  return format.writesFolder?.(options) ? new FolderOutput(path, overwrite) : new FileOutput(path, overwrite);
}

async function toStream(job: Job, stream: NodeJS.WritableStream): Promise<Written> {
  if (job.format.writesFolder?.(job.options)) {
    throw new UserError(`-o -: ${job.format.name} makes several files; choose one with --table`, {
      exitCode: ExitCode.usage,
    });
  }
  const output = new StreamOutput(stream);
  return { ...(await convert(job, output)), bytes: output.bytes, paths: [] };
}

async function toFiles(job: Job, output: FileOutput | FolderOutput): Promise<Written> {
  const removeOnSignal = (signal: NodeJS.Signals) => {
    output.discard();
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', removeOnSignal).once('SIGTERM', removeOnSignal);
  try {
    const conversion = await convert(job, output);
    await output.publish();
    return { ...conversion, bytes: output.bytes, paths: output.paths };
  } catch (error) {
    await output.abandon();
    throw error;
  } finally {
    process.off('SIGINT', removeOnSignal).off('SIGTERM', removeOnSignal);
  }
}

async function convert({ ctx, format, source, options }: Job, output: CountedOutput): Promise<Conversion> {
  const progress = new ConvertProgress(ctx, () => output.bytes);
  try {
    return await convertTrace(format, source, output, options, (segment) => progress.segment(source, segment));
  } finally {
    progress.clear();
  }
}

function baseNameOf(input: string): string {
  return basename(input).replace(/(\.gotape)?\.zip$/, '');
}

/** `app.json.gz`, `app.spans.csv`; of several files the folder `app-csv`. */
function defaultOutput(format: ConvertFormat, options: ConvertOptions): string {
  const { baseName, table } = options;
  if (format.writesFolder?.(options)) return `${baseName}-${format.name}`;
  return `${baseName}${table === undefined ? '' : `.${table}`}${format.extension}`;
}

function report(ctx: Context, trace: TraceFile, format: ConvertFormat, output: string, written: Written): void {
  const { report: audit, counts, bytes } = written;
  const name = output === STDOUT ? 'stdout' : printable(written.paths.length === 1 ? written.paths[0]! : output);
  ctx.stderr.write(`${name}: ${formatBytes(bytes)}, from ${formatCount(counts.transitions)} transitions\n`);
  if (written.paths.length > 1) ctx.stderr.write(`${formatCount(written.paths.length)} files\n`);
  const say = (sentence: string) => ctx.stderr.write(`${wrap(sentence, LINE_WIDTH).join('\n  ')}\n`);
  say(transitionsLine(counts));
  say(audit.summary());
  for (const sentence of lossSentences(trace)) say(`warning: ${sentence}`);
  if (output !== STDOUT) say(`open it in ${format.opens}`);
}

/** What became of every transition. */
function transitionsLine({ anonymous, rows: { ending, first, within } }: ReplayCounts): string {
  const parts = [
    `${formatCount(ending)} transitions ended a span`,
    `${formatCount(first)} are the first of a goroutine`,
    `${formatCount(within)} lie within a span`,
  ];
  if (anonymous > 0) parts.push(`${formatCount(anonymous)} are left out, as their goroutine is not known`);
  return parts.join(', ');
}

function lossSentences(trace: TraceFile): string[] {
  const lost = lostEvents(trace);
  const losses = lost > 0 ? [`${formatCount(lost)} events were lost while recording`] : [];
  return [...losses, ...trace.damage];
}

/** Events were lost, or the file is not whole. */
export function hasLosses(trace: TraceFile): boolean {
  return trace.damage.length > 0 || lostEvents(trace) > 0;
}

function lostEvents({ summary }: TraceFile): number {
  return summary === undefined ? 0 : summary.losses.dropped + summary.losses.faulted;
}
