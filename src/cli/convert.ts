/** `gotape convert`: trace → replay → another format. */
import { basename } from 'node:path';
import { ExitCode, systemErrorCode, UserError } from '../base/errors.js';
import { formatBytes, formatCount, printable } from '../base/text.js';
import type { ConvertAudit } from '../convert/audit.js';
import type { ByteSink } from '../convert/byte-sink.js';
import { ChromeJson } from '../convert/chrome-json.js';
import { planChrome } from '../convert/chrome-plan.js';
import type { ReplayCounts } from '../model/span-sink.js';
import type { TraceSource } from '../model/trace-segment.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';
import { clippedTo } from '../replay/window/clipped-sink.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { ConvertedFile } from './converted-file.js';
import { GzipSink, StreamSink } from './stream-sinks.js';

export interface ConvertArgs {
  readonly file: string;
  readonly to: string;
  /** `-` is stdout; a name that ends in `.gz` is compressed; undefined is the input's name with another ending. */
  readonly output: string | undefined;
  readonly force: boolean;
}

interface Conversion {
  readonly audit: ConvertAudit;
  readonly counts: ReplayCounts;
}

const STDOUT = '-';

export async function runConvert(ctx: Context, args: ConvertArgs): Promise<Outcome> {
  if (args.to !== 'chrome') {
    throw new UserError(`--to ${printable(args.to)}: not a format, expected chrome`, { exitCode: ExitCode.usage });
  }
  using trace = await openTrace(args.file);
  const output = args.output ?? defaultOutput(args.file);
  try {
    const written = output === STDOUT ? await toStream(trace, ctx.stdout) : await toFile(trace, output, args.force);
    report(ctx, trace, output, written);
  } catch (error) {
    // Whoever read our stdout has seen enough.
    if (output === STDOUT && systemErrorCode(error) === 'EPIPE') return { exitCode: ExitCode.ok };
    throw error;
  }
  return { exitCode: hasLosses(trace) ? ExitCode.dataLoss : ExitCode.ok };
}

/** Feeds a whole trace to a Chrome JSON writer. */
export async function convertToChrome(source: TraceSource, sink: ByteSink): Promise<Conversion> {
  const goroutines = new GoroutineTable();
  const plan = await planChrome(source);
  const chrome = new ChromeJson({ facts: source.facts, reasons: source.reasons, goroutines, plan, sink });
  const replay = new Replay(source.reasons, goroutines, clippedTo(source.facts.window, chrome));
  for await (const segment of source.segments()) {
    for (const gap of segment.gaps) chrome.gap(gap);
    replay.segment(segment);
    await chrome.drain();
  }
  replay.finish(source.endNs);
  const audit = await chrome.finish(source.endNs);
  return { audit, counts: replay.counts };
}

type Written = Conversion & { readonly bytes: number };

async function toStream(trace: TraceFile, stream: NodeJS.WritableStream): Promise<Written> {
  const counter = new CountingSink(new StreamSink(stream));
  return { ...(await convertToChrome(trace, counter)), bytes: counter.bytes };
}

async function toFile(trace: TraceFile, path: string, force: boolean): Promise<Written> {
  const file = await ConvertedFile.create(path, force);
  const removeOnSignal = (signal: NodeJS.Signals) => {
    file.discard();
    process.kill(process.pid, signal);
  };
  process.once('SIGINT', removeOnSignal).once('SIGTERM', removeOnSignal);
  try {
    const counter = new CountingSink(file);
    const gzip = path.endsWith('.gz') ? new GzipSink(counter) : undefined;
    const conversion = await convertToChrome(trace, gzip ?? counter);
    await gzip?.finish();
    await file.publish();
    return { ...conversion, bytes: counter.bytes };
  } catch (error) {
    await file.close();
    file.discard();
    throw error;
  } finally {
    process.off('SIGINT', removeOnSignal).off('SIGTERM', removeOnSignal);
  }
}

class CountingSink implements ByteSink {
  bytes = 0;
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  write(bytes: Uint8Array): Promise<void> {
    this.bytes += bytes.length;
    return this.#sink.write(bytes);
  }
}

function defaultOutput(input: string): string {
  return `${basename(input).replace(/(\.gotape)?\.zip$/, '')}.json.gz`;
}

function report(ctx: Context, trace: TraceFile, output: string, { audit, counts, bytes }: Written): void {
  const name = output === STDOUT ? 'stdout' : printable(output);
  ctx.stderr.write(`${name}: ${formatBytes(bytes)}, from ${formatCount(counts.transitions)} transitions\n`);
  ctx.stderr.write(`${audit.summary()}\n`);
  for (const sentence of lossSentences(trace, audit)) ctx.stderr.write(`warning: ${sentence}\n`);
  if (output !== STDOUT) ctx.stderr.write('open it in https://ui.perfetto.dev or chrome://tracing\n');
}

function lossSentences(trace: TraceFile, audit: ConvertAudit): string[] {
  const lost = lostEvents(trace);
  const losses =
    lost > 0 ? [`${formatCount(lost)} events were lost while recording, in ${formatCount(audit.gaps)} gaps`] : [];
  return [...losses, ...trace.damage];
}

function hasLosses(trace: TraceFile): boolean {
  return trace.damage.length > 0 || lostEvents(trace) > 0;
}

function lostEvents({ summary }: TraceFile): number {
  return summary === undefined ? 0 : summary.losses.dropped + summary.losses.faulted;
}
