/** `gotape record`: everything between a target and a complete trace file. */
import { basename } from 'node:path';
import { parseDuration } from '../base/duration.js';
import { ExitCode, errorText, systemErrorCode, UserError } from '../base/errors.js';
import { parseSize } from '../base/size.js';
import { formatBytes, printable } from '../base/text.js';
import type { LaunchedCommand } from '../capture/launch.js';
import type { Recording, RecordingTotals } from '../capture/recording.js';
import type { CostFacts } from '../model/trace-facts.js';
import { TraceWriter } from '../trace/trace-writer.js';
import type { Context, Outcome } from './context.js';
import { OutputFile, REMOVED } from './output-file.js';
import { ProgressLine } from './progress-line.js';
import { detailSources } from './record-details.js';
import { headerOf } from './record-header.js';
import { type LoopEnd, recordUntil } from './record-loop.js';
import { writeRecordReport } from './record-report.js';
import { type Capture, loadCapture, prepareTarget, type RecordTarget } from './record-target.js';
import { StopConditions, type StopLimits, TARGET_EXITED } from './stop-conditions.js';

export interface RecordArgs {
  readonly target: RecordTarget;
  readonly output: string | undefined;
  readonly force: boolean;
  readonly duration: string | undefined;
  readonly maxSize: string | undefined;
  readonly stacks: boolean;
  readonly sched: boolean;
  /** Patterns of functions whose calls are recorded. */
  readonly calls: readonly string[];
  readonly buffer: string;
  readonly level: number;
  readonly notes: readonly string[];
  readonly quiet: boolean;
  readonly verbose: boolean;
}

export async function runRecord(ctx: Context, args: RecordArgs): Promise<Outcome> {
  const limits = limitsOf(args);
  const capture = await loadCapture();
  capture.captureLog(args.verbose ? (line) => ctx.stderr.write(`${line}\n`) : undefined);
  capture.assertCanRecord();
  using prepared = prepareTarget(capture, args.target, ctx.env);
  const calls = args.calls.length > 0 ? await capture.planCalls(prepared.target(undefined).exe, args.calls) : undefined;
  const file = new OutputFile(args.output ?? defaultOutput(prepared.name), args.force, ctx.env);
  using stop = new StopConditions(capture, limits);
  let command: LaunchedCommand | undefined;
  try {
    command = await prepared.launch();
    const target = prepared.target(command?.pid);
    const details = await detailSources(capture, target, { ...limits, sched: args.sched, calls });
    using recording = new capture.Recording(target, { bufferBytes: limits.bufferBytes, stacks: args.stacks, details });
    const header = headerOf(capture, recording, target, { ...limits, zstdLevel: args.level, notes: args.notes });
    const writer = new TraceWriter(file, header, { reasons: recording.reasons, level: args.level });
    recording.begin(writer);
    stop.watch(target, command);
    command?.resume();
    const run = { capture, recording, writer, file, command, startupCpuNs: cpuNs() };
    const end = await watchProgress(ctx, args, run, stop);
    return await finish(ctx, args, run, end);
  } catch (error) {
    // Our failure is not the command's: it runs, and gotape ends when it does.
    command?.resume();
    file.discard();
    if (systemErrorCode(error) === undefined) throw error;
    throw new UserError(`${printable(file.path)}: ${writeReason(error)}`, { cause: error });
  }
}

interface Limits extends StopLimits {
  readonly bufferBytes: number;
}

/** @throws UserError (usage) */
function limitsOf({ duration, maxSize, buffer }: RecordArgs): Limits {
  const durationNs = duration === undefined ? 0 : parseDuration(duration, '--duration');
  if (duration !== undefined && durationNs === 0) {
    throw new UserError('--duration: expected more than 0', { exitCode: ExitCode.usage });
  }
  return {
    durationNs,
    maxBytes: maxSize === undefined ? 0 : parseSize(maxSize, '--max-size'),
    bufferBytes: ringBytes(parseSize(buffer, '--buffer')),
  };
}

interface Run {
  readonly capture: Capture;
  readonly recording: Recording;
  readonly writer: TraceWriter;
  readonly file: OutputFile;
  readonly command: LaunchedCommand | undefined;
  readonly startupCpuNs: number;
}

/** @throws what is not about writing the file; what was recorded until then stays */
async function watchProgress(ctx: Context, args: RecordArgs, run: Run, stop: StopConditions): Promise<LoopEnd> {
  const progress = new ProgressLine(ctx, args.quiet);
  try {
    return await recordUntil(run.recording, run.writer, stop, progress);
  } catch (error) {
    if (run.recording.totals().transitions > 0) run.file.close();
    throw error;
  } finally {
    progress.clear();
  }
}

/** Completes the file and says what it holds. */
async function finish(ctx: Context, args: RecordArgs, run: Run, end: LoopEnd): Promise<Outcome> {
  const { recording, writer, file, command } = run;
  const failure = completeFile(run, end);
  file.close();
  if (failure !== undefined) throw writeFailure(file.path, writer.bytes, failure);
  const totals = recording.totals();
  const lost = totals.dropped + totals.faulted + recording.lostDetails;
  const { reason, seconds } = end;
  const runsOn = reason === TARGET_EXITED ? undefined : command?.pid;
  if (!args.quiet) {
    const cost = costOf(run);
    writeRecordReport(ctx, { path: file.path, bytes: writer.bytes, seconds, reason, runsOn, totals, lost, cost });
  } else if (lost > 0) ctx.stderr.write(`gotape: ${lost} events were lost\n`);
  // A command that was recorded to its end hands its status on; one that still runs is left alone.
  if (runsOn !== undefined) command?.leave();
  const status = command !== undefined && runsOn === undefined ? await command.exited : ExitCode.ok;
  return { exitCode: status === 0 && lost > 0 ? ExitCode.dataLoss : status };
}

/** Writes the rest, summary and table of contents. Returns why the file could not be written, if so. */
function completeFile({ capture, recording, writer, startupCpuNs }: Run, end: LoopEnd): unknown {
  let failure = end.failure;
  const attempt = (write: () => void) => {
    try {
      write();
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      failure ??= error;
    }
  };
  attempt(() => recording.stop());
  // On a full disk the torn segment was cut off again: there may be room for these.
  if (failure !== undefined) attempt(() => recording.writeLosses());
  attempt(() =>
    writer.finish({
      end: capture.clockFact(recording.end ?? recording.start),
      losses: lossesOf(recording),
      cost: costOf({ startupCpuNs }),
      stopReason: end.reason,
    }),
  );
  return failure;
}

/** What was read but could not be written is lost like what did not fit into the ring buffer. */
function lossesOf(recording: Recording): RecordingTotals {
  const totals = recording.totals();
  const unwritten = totals.submitted - totals.transitions - totals.folded;
  return { ...totals, submitted: totals.submitted - unwritten, dropped: totals.dropped + unwritten };
}

function writeFailure(path: string, bytes: number, failure: unknown): UserError {
  if (systemErrorCode(failure) === REMOVED) {
    const sentence = 'was removed while it was written; recording stopped, and nothing is left of it';
    return new UserError(`${printable(path)}: ${sentence}`, { cause: failure });
  }
  return new UserError(
    `${printable(path)}: ${writeReason(failure)}; recording stopped, and what was complete before is in the file ` +
      `(${formatBytes(bytes)}, gotape info tells what it holds)`,
    { cause: failure },
  );
}

function writeReason(failure: unknown): string {
  return systemErrorCode(failure) === 'ENOSPC' ? 'the disk is full' : errorText(failure);
}

function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

function costOf({ startupCpuNs }: Pick<Run, 'startupCpuNs'>): CostFacts {
  const { user, system } = process.cpuUsage();
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  return { userCpuNs: user * 1000, systemCpuNs: system * 1000, peakRssBytes, startupCpuNs };
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
