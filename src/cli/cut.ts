/** `gotape cut`: a part of a trace as a trace of its own. */
import { ExitCode, UserError } from '../base/errors.js';
import { formatBytes, formatCount, formatNs, printable } from '../base/text.js';
import { WindowSource } from '../replay/window/window-source.js';
import { type CutResult, cutTrace } from '../trace/edit/cut-trace.js';
import { openTrace, type TraceFile } from '../trace/open-trace.js';
import { assertLevel } from './compact.js';
import type { Context, Outcome } from './context.js';
import { type EditOutput, ofTrace, writeEdited } from './edited-trace.js';
import { selectionOf, type WindowArgs, windowArgsOf } from './window-options.js';

export interface CutArgs extends WindowArgs, EditOutput {
  readonly file: string;
  readonly level: number;
}

export async function runCut(ctx: Context, args: CutArgs): Promise<Outcome> {
  const window = windowArgsOf(args);
  if (window === undefined) {
    throw new UserError('cut: expected what to keep: --from, --to, --goid or --function (gotape cut --help)', {
      exitCode: ExitCode.usage,
    });
  }
  assertLevel(args.level);
  using trace = await openTrace(args.file);
  const part = new WindowSource(trace, await selectionOf(trace, window));
  const result = await writeEdited(ctx, args, (file) => ofTrace(args.file, cutTrace(trace, part, file, args)));
  report(ctx, args, trace, part, result);
  const incomplete = result.gaps > 0 || trace.damage.length > 0;
  return { exitCode: incomplete ? ExitCode.dataLoss : ExitCode.ok };
}

function report(
  ctx: Context,
  args: CutArgs,
  trace: TraceFile,
  { facts, endNs }: WindowSource,
  { transitions, states, segments, copied, bytes, lost, gaps }: CutResult,
): void {
  const { fromNs } = facts.window;
  const lines = [
    `${formatNs(fromNs)} to ${formatNs(endNs)}: ${formatCount(transitions)} transitions, ` +
      `${formatBytes(bytes)} of ${formatBytes(trace.sizeBytes)} → ${printable(args.output)}`,
    `${formatCount(copied)} of ${formatCount(segments)} segments as they were; the state of ${formatCount(states)} ` +
      'goroutines is from before the cut',
    ...(gaps > 0 ? [`LOST ${formatCount(lost)} events in ${formatCount(gaps)} gaps that touch it`] : []),
    ...trace.damage.map((sentence) => `DAMAGE ${sentence}`),
  ];
  ctx.stderr.write(`gotape: ${lines.join('\n        ')}\n`);
}
