/** `gotape record`: everything between a target and a complete trace file. */
import { basename } from 'node:path';
import { parseDuration } from '../base/duration.js';
import { ExitCode, errorText, systemErrorCode, UserError } from '../base/errors.js';
import { parseSize } from '../base/size.js';
import type { LaunchedCommand } from '../capture/launch.js';
import type { Recording, RecordingTotals } from '../capture/recording.js';
import { TraceWriter } from '../trace/trace-writer.js';
import type { Context, Outcome } from './context.js';
import { OutputFile } from './output-file.js';
import { ProgressLine } from './progress-line.js';
import { headerOf } from './record-header.js';
import { writeRecordReport } from './record-report.js';
import { type Capture, loadCapture, prepareTarget, type RecordTarget } from './record-target.js';
import { StopConditions } from './stop-conditions.js';

export interface RecordArgs {
  readonly target: RecordTarget;
  readonly output: string | undefined;
  readonly force: boolean;
  readonly duration: string | undefined;
  readonly maxSize: string | undefined;
  readonly buffer: string;
  readonly level: number;
  readonly notes: readonly string[];
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** How often the ring buffer is read. The kernel never wakes the recorder: a wake-up per event triples the cost of one. */
const POLL_MS = 10;

export async function runRecord(ctx: Context, args: RecordArgs): Promise<Outcome> {
  const limits = {
    durationNs: args.duration === undefined ? 0 : parseDuration(args.duration),
    maxBytes: args.maxSize === undefined ? 0 : parseSize(args.maxSize, '--max-size'),
    bufferBytes: ringBytes(parseSize(args.buffer, '--buffer')),
  };
  const capture = await loadCapture();
  capture.captureLog(args.verbose ? (line) => ctx.stderr.write(`${line}\n`) : undefined);
  capture.assertCanRecord();
  using prepared = prepareTarget(capture, args.target, ctx.env);
  const file = new OutputFile(args.output ?? defaultOutput(prepared.name), args.force, ctx.env);
  let command: LaunchedCommand | undefined;
  try {
    command = await prepared.launch();
    const target = prepared.target(command?.pid);
    using recording = new capture.Recording(target, { bufferBytes: limits.bufferBytes });
    const header = headerOf(capture, recording, target, { ...limits, zstdLevel: args.level, notes: args.notes });
    const writer = new TraceWriter(file, header, { reasons: recording.reasons, level: args.level });
    recording.begin(writer);
    const stop = new StopConditions({ ...limits, target, command, capture });
    const progress = new ProgressLine(ctx, args.quiet);
    command?.resume();
    const end = await recordUntil(recording, writer, stop, progress);
    progress.clear();
    return await finish(ctx, args, { capture, recording, writer, file, command, ...end });
  } catch (error) {
    file.discard();
    command?.resume();
    throw error;
  }
}

interface LoopEnd {
  readonly reason: string;
  /** Why writing stopped; the file holds what was complete before. */
  readonly failure: unknown;
  readonly seconds: number;
  readonly startupCpuNs: number;
}

/** Polls on one timer until something ends the recording. */
function recordUntil(
  recording: Recording,
  writer: TraceWriter,
  stop: StopConditions,
  progress: ProgressLine,
): Promise<LoopEnd> {
  const started = performance.now();
  const startupCpuNs = cpuNs();
  const seconds = () => (performance.now() - started) / 1000;
  return new Promise((resolve, reject) => {
    const end = (reason: string, failure?: unknown) => {
      clearInterval(timer);
      stop.dispose();
      resolve({ reason, failure, seconds: seconds(), startupCpuNs });
    };
    const timer = setInterval(() => {
      try {
        recording.poll();
        const reason = stop.reason(writer.bytes);
        if (reason !== undefined) return end(reason);
        if (progress.isDue()) {
          const { transitions, lost } = recording;
          progress.show({ seconds: seconds(), transitions, lost, bytes: writer.bytes });
        }
      } catch (error) {
        if (systemErrorCode(error) !== undefined) return end(`writing failed: ${errorText(error)}`, error);
        clearInterval(timer);
        stop.dispose();
        reject(error);
      }
    }, POLL_MS);
  });
}

interface Finish extends LoopEnd {
  readonly capture: Capture;
  readonly recording: Recording;
  readonly writer: TraceWriter;
  readonly file: OutputFile;
  readonly command: LaunchedCommand | undefined;
}

async function finish(ctx: Context, args: RecordArgs, run: Finish): Promise<Outcome> {
  const { recording, writer, file, command, reason } = run;
  let failure = run.failure;
  let totals: RecordingTotals | undefined;
  try {
    totals = recording.stop();
    writer.finish({
      end: run.capture.clockFact(recording.end ?? recording.start),
      losses: totals,
      cost: cost(),
      stopReason: reason,
    });
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    failure ??= error;
  }
  file.close();
  const status = await statusOf(command, reason);
  if (failure !== undefined) {
    throw new UserError(
      `${file.path}: ${errorText(failure)}; recording stopped, and what was complete before is in the file ` +
        `(${writer.bytes} bytes, gotape info tells what it holds)`,
      { cause: failure },
    );
  }
  if (!args.quiet) {
    const { seconds, startupCpuNs } = run;
    writeRecordReport(ctx, {
      path: file.path,
      bytes: writer.bytes,
      seconds,
      reason,
      totals: totals!,
      cost: cost(),
      startupCpuNs,
    });
  }
  const lost = totals!.dropped + totals!.faulted > 0;
  if (lost && args.quiet) ctx.stderr.write(`gotape: ${totals!.dropped + totals!.faulted} events were lost\n`);
  return { exitCode: status !== 0 ? status : lost ? ExitCode.dataLoss : ExitCode.ok };
}

/** A command that was recorded to its end hands its status on; one that still runs is left alone. */
async function statusOf(command: LaunchedCommand | undefined, reason: string): Promise<number> {
  if (command === undefined) return ExitCode.ok;
  return reason === 'target exited' ? await command.exited : ExitCode.ok;
}

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

function cost() {
  const { user, system } = process.cpuUsage();
  return { userCpuNs: user * 1000, systemCpuNs: system * 1000, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

/** The kernel wants a power of two that is a multiple of the page size; it is mapped twice below 4 GiB. */
function ringBytes(bytes: number): number {
  const rounded = 2 ** Math.ceil(Math.log2(Math.max(bytes, 4096)));
  if (rounded > 2 ** 30) throw new UserError('--buffer: at most 1GiB', { exitCode: ExitCode.usage });
  return rounded;
}

function defaultOutput(name: string): string {
  const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return `${basename(name)}-${stamp}.gotape.zip`;
}
