/** `gotape check`: assertions about a trace, for continuous integration. */
import { type Assertion, judge, parseAssertion, type Verdict } from '../analyze/assertion.js';
import { METRICS } from '../analyze/metrics.js';
import { ExitCode, UserError } from '../base/errors.js';
import { printableJson } from '../base/text.js';
import { describeMetrics, describeVerdicts } from '../report/check-text.js';
import { openTraceAhead } from '../trace/parallel/open-ahead.js';
import { analyzeTrace } from './analyze-trace.js';
import type { Context, Outcome } from './context.js';
import { selectionOf, type WindowArgs } from './window-options.js';

/** Rows of each list of the analysis: an assertion is about all that match. */
const ALL_ROWS = 10_000;

export interface CheckArgs {
  readonly file: string | undefined;
  /** Assertions as they were given. */
  readonly max: readonly string[];
  readonly list: boolean;
  readonly json: boolean;
  readonly window: WindowArgs | undefined;
}

export async function runCheck(ctx: Context, { file, max, list, json, window }: CheckArgs): Promise<Outcome> {
  if (list) {
    const metrics = METRICS.map(({ name, unit, describe }) => ({ name, unit, describe }));
    ctx.stdout.write(json ? `${printableJson(metrics, 2)}\n` : describeMetrics(METRICS));
    return { exitCode: ExitCode.ok };
  }
  if (file === undefined) throw usage('expected the name of a trace file');
  if (max.length === 0) throw usage("expected at least one assertion, as in --max 'sched_wait.p99<1ms'");
  const assertions = max.map(parseAssertion);
  using trace = await openTraceAhead(file);
  const selection = window && (await selectionOf(trace, window));
  const sections = [...new Set(assertions.flatMap(({ metric }) => metric.needs))];
  const analysis = await analyzeTrace(trace, { top: ALL_ROWS, selection, sections });
  const verdicts = assertions.map((assertion) => judge(assertion, analysis));
  const holds = verdicts.every(({ verdict }) => verdict === 'holds');
  ctx.stdout.write(json ? `${printableJson(jsonOf(file, holds, verdicts), 2)}\n` : describeVerdicts(verdicts));
  if (!analysis.losses.complete) {
    ctx.stderr.write('warning: events were lost or the file is damaged: these figures are incomplete (gotape info)\n');
  }
  if (!holds) return { exitCode: ExitCode.failure };
  return { exitCode: analysis.losses.complete ? ExitCode.ok : ExitCode.dataLoss };
}

function jsonOf(file: string, holds: boolean, verdicts: readonly Verdict[]): object {
  return { schema: 'gotape.check/1', file, holds, assertions: verdicts.map(verdictJson) };
}

function verdictJson({ assertion, verdict, values, compared }: Verdict): object {
  return { ...assertionJson(assertion), verdict, compared, values };
}

function assertionJson({ text, metric, pattern, operator, limit }: Assertion): object {
  return { assertion: text, metric: metric.name, pattern, unit: metric.unit, operator, limit };
}

function usage(message: string): UserError {
  return new UserError(`check: ${message} (gotape check --help)`, { exitCode: ExitCode.usage });
}
