/** `gotape analyze`: where the time of all goroutines went. */
import type { Losses } from '../analyze/analysis.js';
import type { Grouping } from '../analyze/sections.js';
import { ExitCode, UserError } from '../base/errors.js';
import { formatCount, printableJson } from '../base/text.js';
import { describeAnalysis } from '../report/analysis-text.js';
import { sectionListText } from '../report/section-list.js';
import { openTrace } from '../trace/open-trace.js';
import { madeFor, textSectionsOf } from './analyze-options.js';
import { analyzeTrace } from './analyze-trace.js';
import type { Context, Outcome } from './context.js';
import { selectionOf, type WindowArgs } from './window-options.js';

const TOP_MAX = 10_000;

export interface AnalyzeArgs {
  readonly file: string;
  /** Rows in each list. */
  readonly top: number;
  readonly json: boolean;
  /** Names of sections; `all`, and `list` to have them listed. */
  readonly section?: readonly string[] | undefined;
  readonly groupBy?: Grouping | undefined;
  /** A goroutine's id, or a pattern of start functions. */
  readonly criticalPath?: string | undefined;
  readonly window?: WindowArgs | undefined;
}

export async function runAnalyze(ctx: Context, args: AnalyzeArgs): Promise<Outcome> {
  if (!Number.isInteger(args.top) || args.top < 1 || args.top > TOP_MAX) {
    throw new UserError(`--top ${args.top}: expected a whole number from 1 to ${formatCount(TOP_MAX)}`, {
      exitCode: ExitCode.usage,
    });
  }
  if (args.section?.includes('list')) {
    ctx.stdout.write(sectionListText());
    return { exitCode: ExitCode.ok };
  }
  const { groupBy, criticalPath } = args;
  const shown = textSectionsOf(args.section, groupBy);
  using trace = await openTrace(args.file);
  const selection = args.window && (await selectionOf(trace, args.window));
  const sections = madeFor(shown);
  const analysis = await analyzeTrace(trace, { top: args.top, selection, sections, groupBy, criticalPath });
  ctx.stdout.write(args.json ? `${printableJson(analysis, 2)}\n` : describeAnalysis(analysis, styleOf(ctx), shown));
  if (analysis.losses.complete) return { exitCode: ExitCode.ok };
  ctx.stderr.write(`warning: ${lossSentence(analysis.losses)}\n`);
  return { exitCode: ExitCode.dataLoss };
}

function styleOf({ stdout, env }: Context): 'plain' | 'ansi' {
  const terminal = 'isTTY' in stdout && stdout.isTTY === true;
  return terminal && !env['NO_COLOR'] ? 'ansi' : 'plain';
}

function lossSentence({ lostEvents, gapCount, damage }: Losses): string {
  const parts = [
    ...(lostEvents > 0 || gapCount > 0
      ? [`${formatCount(lostEvents)} events were lost while recording, in ${formatCount(gapCount)} gaps`]
      : []),
    ...(damage.length > 0
      ? [`the file is damaged (${damage.length === 1 ? damage[0] : `${damage.length} places`})`]
      : []),
  ];
  return `these figures are incomplete: ${parts.join('; ')}`;
}
