/** `gotape replay`: the transitions of a trace as lines, as fast as they are read or paced as they happened. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration } from '../base/duration.js';
import { ExitCode, systemErrorCode, UserError } from '../base/errors.js';
import type { TraceSource } from '../model/trace-segment.js';
import type { TransitionBatch } from '../model/transition-batch.js';
import { type LineFormat, transitionLine } from '../report/transition-lines.js';
import { openTrace } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { StreamSink } from './stream-sinks.js';

export interface ReplayArgs {
  readonly file: string;
  /** 1 is as it happened, 0.1 ten times slower; undefined does not wait. */
  readonly speed: number | undefined;
  readonly goid: number | undefined;
  /** Durations since the start of the trace, both ends included. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly json: boolean;
}

/** What {@link ReplayArgs} mean. */
export interface ReplayPlan {
  readonly speed: number;
  /** 0: all goroutines. */
  readonly goid: number;
  readonly fromNs: number;
  readonly toNs: number;
  readonly format: LineFormat;
}

const CHUNK_CHARACTERS = 64 * 1024;
/** Timers are no finer. */
const MIN_SLEEP_MS = 1;
/** A longer timer would fire at once: Node counts its milliseconds in 31 bits. */
const MAX_SLEEP_MS = 2 ** 31 - 1;

export async function runReplay(ctx: Context, args: ReplayArgs): Promise<Outcome> {
  const plan = planReplay(args);
  using trace = await openTrace(args.file);
  try {
    await printTransitions(ctx.stdout, trace, plan);
  } catch (error) {
    // Whoever read our stdout has seen enough.
    if (systemErrorCode(error) === 'EPIPE') return { exitCode: ExitCode.ok };
    throw error;
  }
  const lost = trace.summary === undefined ? 0 : trace.summary.losses.dropped + trace.summary.losses.faulted;
  if (lost === 0 && trace.damage.length === 0) return { exitCode: ExitCode.ok };
  ctx.stderr.write('warning: the trace is incomplete, so lines are missing: gotape info says what was lost\n');
  return { exitCode: ExitCode.dataLoss };
}

/** @throws UserError (usage) for a value that means nothing */
export function planReplay(args: ReplayArgs): ReplayPlan {
  const { speed, goid, from, to } = args;
  if (speed !== undefined && !(speed > 0 && Number.isFinite(speed)))
    throw usage(`--speed ${speed}`, 'a number above 0');
  if (goid !== undefined && !(Number.isSafeInteger(goid) && goid > 0))
    throw usage(`--goid ${goid}`, "a goroutine's id");
  return {
    speed: speed ?? Number.POSITIVE_INFINITY,
    goid: goid ?? 0,
    fromNs: from === undefined ? 0 : parseDuration(from, '--from'),
    toNs: to === undefined ? Number.POSITIVE_INFINITY : parseDuration(to, '--to'),
    format: args.json ? 'json' : 'text',
  };
}

/** Writes the lines; waits for the stream whenever it is full. */
export async function printTransitions(
  stdout: NodeJS.WritableStream,
  source: TraceSource,
  plan: ReplayPlan,
): Promise<void> {
  const printer = new LinePrinter(new StreamSink(stdout), plan);
  for await (const { transitions } of source.segments()) {
    const finished = await printer.print(transitions, source.reasons);
    if (finished) break;
  }
  await printer.flush();
}

class LinePrinter {
  readonly #sink: StreamSink;
  readonly #plan: ReplayPlan;
  readonly #startMs = performance.now();
  #text = '';

  constructor(sink: StreamSink, plan: ReplayPlan) {
    this.#sink = sink;
    this.#plan = plan;
  }

  /** True when no later row is wanted. */
  async print(batch: TransitionBatch, reasons: readonly string[]): Promise<boolean> {
    const { goid, fromNs, toNs, format } = this.#plan;
    for (let row = 0; row < batch.length; row++) {
      const timeNs = batch.timeNs[row]!;
      if (timeNs > toNs) return true;
      if (timeNs < fromNs || (goid !== 0 && batch.goid[row] !== goid)) continue;
      const waitMs = (timeNs - fromNs) / this.#plan.speed / 1e6 - (performance.now() - this.#startMs);
      if (waitMs >= MIN_SLEEP_MS) await this.#pause(waitMs);
      this.#text += transitionLine(batch, row, reasons, format);
      if (this.#text.length >= CHUNK_CHARACTERS) await this.flush();
    }
    return false;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') await this.#sink.write(Buffer.from(text));
  }

  /** What has happened is shown before the wait. */
  async #pause(ms: number): Promise<void> {
    await this.flush();
    await sleep(Math.min(ms, MAX_SLEEP_MS));
  }
}

function usage(found: string, expected: string): UserError {
  return new UserError(`${found}: expected ${expected}`, { exitCode: ExitCode.usage });
}
