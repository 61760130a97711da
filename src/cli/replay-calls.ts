/** `gotape replay --calls`: the recorded calls of a trace as lines, in the order of their ends. */
import { ExitCode, systemErrorCode, UserError } from '../base/errors.js';
import type { TraceSource } from '../model/trace-segment.js';
import { callLine } from '../report/call-lines.js';
import { openTrace } from '../trace/open-trace.js';
import type { Context, Outcome } from './context.js';
import { planReplay, type ReplayArgs, type ReplayPlan } from './replay.js';
import { StreamSink } from './stream-sinks.js';

export async function runReplayCalls(ctx: Context, args: ReplayArgs): Promise<Outcome> {
  if (args.speed !== undefined) {
    throw new UserError('--speed: paces changes of state, expected none with --calls', { exitCode: ExitCode.usage });
  }
  const plan = planReplay(args);
  using trace = await openTrace(args.file);
  try {
    const lost = await printCalls(ctx.stdout, trace, plan);
    if (lost === 0 && trace.damage.length === 0) return { exitCode: ExitCode.ok };
  } catch (error) {
    // Whoever read our stdout has seen enough.
    if (systemErrorCode(error) === 'EPIPE') return { exitCode: ExitCode.ok };
    throw error;
  }
  ctx.stderr.write('warning: the trace is incomplete, so calls may be missing: gotape info says what was lost\n');
  return { exitCode: ExitCode.dataLoss };
}

/** Those that overlap the time asked for. Returns how many events of calls were lost. */
export async function printCalls(
  stdout: NodeJS.WritableStream,
  source: TraceSource,
  plan: ReplayPlan,
): Promise<number> {
  const sink = new StreamSink(stdout);
  let lost = 0;
  for await (const { calls = [], gaps } of source.segments()) {
    for (const gap of gaps) if (gap.stream === 'calls') lost += gap.lost;
    const wanted = calls.filter(
      ({ startNs, endNs, goid }) =>
        endNs >= plan.fromNs && startNs <= plan.toNs && (plan.goid === 0 || goid === plan.goid),
    );
    const text = wanted.map((call) => callLine(call, plan.format)).join('');
    if (text !== '') await sink.write(Buffer.from(text));
  }
  return lost;
}
