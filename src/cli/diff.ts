/** `gotape diff`: what changed between two recordings, and what is noise. */
import { compareSamples } from '../analyze/diff/compare.js';
import type { DiffOptions, DiffSide } from '../analyze/diff/diff.js';
import { DiffSampler } from '../analyze/diff/diff-sampler.js';
import { ExitCode, UserError } from '../base/errors.js';
import { printableJson } from '../base/text.js';
import type { TraceSource } from '../model/trace-segment.js';
import { GoroutineTable } from '../replay/goroutine-table.js';
import { Replay } from '../replay/replay.js';
import { clippedTo } from '../replay/window/clipped-sink.js';
import { WindowSource } from '../replay/window/window-source.js';
import { describeDiff } from '../report/diff-text.js';
import type { TraceFile } from '../trace/open-trace.js';
import { openTraceAhead } from '../trace/parallel/open-ahead.js';
import type { Context, Outcome } from './context.js';
import { selectionOf, type WindowArgs } from './window-options.js';

export const DIFF_DEFAULTS: DiffOptions = {
  top: 15,
  slices: 20,
  alpha: 1e-4,
  minimumChange: 0.25,
  minimumNsPerSecond: 5e6,
};
const TOP_MAX = 10_000;

export interface DiffArgs {
  readonly before: string;
  readonly after: string;
  readonly top: number;
  /** `25%` or `0.25`. */
  readonly minimumChange: string;
  readonly json: boolean;
  /** Of both traces. */
  readonly window: WindowArgs | undefined;
}

export async function runDiff(ctx: Context, args: DiffArgs): Promise<Outcome> {
  const options = { ...DIFF_DEFAULTS, top: args.top, minimumChange: shareOf(args.minimumChange) };
  if (!(Number.isInteger(args.top) && args.top >= 1 && args.top <= TOP_MAX)) throw usage('--top: expected 1 to 10,000');
  const before = await sampleFile(args.before, args, options);
  const after = await sampleFile(args.after, args, options);
  const sides = { before: before.side, after: after.side };
  const diff = compareSamples(before.sampler, after.sampler, sides, options);
  ctx.stdout.write(args.json ? `${printableJson(diff, 2)}\n` : describeDiff(diff));
  if (before.isWhole && after.isWhole) return { exitCode: ExitCode.ok };
  ctx.stderr.write('warning: events were lost or a file is damaged: what changed may be the losses (gotape info)\n');
  return { exitCode: ExitCode.dataLoss };
}

interface Sampled {
  readonly sampler: DiffSampler;
  readonly side: DiffSide;
  readonly isWhole: boolean;
}

async function sampleFile(file: string, { window }: DiffArgs, { slices }: DiffOptions): Promise<Sampled> {
  using trace = await openTraceAhead(file);
  const source = window === undefined ? trace : new WindowSource(trace, await selectionOf(trace, window, 'allow'));
  const fromNs = source.facts.window?.fromNs ?? 0;
  const durationNs = Math.max(1, (await endOf(trace, source)) - fromNs);
  const goroutines = new GoroutineTable();
  const sampler = new DiffSampler(goroutines, source.reasons, { fromNs, durationNs, slices });
  const replay = new Replay(source.reasons, goroutines, clippedTo(source.facts.window, sampler));
  let lostEvents = 0;
  for await (const segment of source.segments()) {
    lostEvents += segment.gaps.reduce((sum, { lost }) => sum + lost, 0);
    replay.segment(segment);
  }
  replay.finish(source.endNs);
  const { targets } = trace.facts;
  const side = { file, targets, durationNs, transitions: replay.counts.transitions, lostEvents };
  return {
    sampler,
    side: { ...side, targets: targets.map(identityOf) },
    isWhole: lostEvents + trace.damage.length === 0,
  };
}

/** Of a file without summary, the end is known only when all of it was read. */
async function endOf(trace: TraceFile, source: TraceSource): Promise<number> {
  if (trace.summary === undefined) for await (const _ of source.segments());
  return source.endNs;
}

function identityOf({ pid, executable, goVersion }: TraceFile['facts']['targets'][number]) {
  return { pid, executable, goVersion };
}

/** @throws UserError (usage) */
function shareOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  if (match === null) throw usage(`--min-change ${JSON.stringify(text)}: expected a share, 25% or 0.25`);
  return Number(match[1]) / (match[2] === '%' ? 100 : 1);
}

function usage(message: string): UserError {
  return new UserError(`diff: ${message} (gotape diff --help)`, { exitCode: ExitCode.usage });
}
