/** `gotape analyze`: where the time of all goroutines went. */
import type { Analysis, Losses } from '../analyze/analysis.js';
import { type Grouping, SECTION_NAMES, type SectionName } from '../analyze/sections.js';
import { ExitCode, UserError } from '../base/errors.js';
import { formatCount, printable, printableJson } from '../base/text.js';
import type { TraceSource } from '../model/trace-segment.js';
import type { Selection } from '../replay/window/window-source.js';
import { describeAsMarkdown } from '../report/analysis-markdown.js';
import { describeAnalysis } from '../report/analysis-text.js';
import { sectionListText, type TextSectionName } from '../report/section-list.js';
import { openTraceAhead } from '../trace/parallel/open-ahead.js';
import { writeHtmlReport } from './analyze-html.js';
import { madeFor, textSectionsOf } from './analyze-options.js';
import { analyzeTrace } from './analyze-trace.js';
import type { Context, Outcome } from './context.js';
import { assertNotTheTrace } from './converted-file.js';
import { selectionOf, type WindowArgs } from './window-options.js';

const TOP_MAX = 10_000;
/** The probe of `record --sched`, as headers name it. */
const OS_SCHEDULE = 'sched:sched_switch';
export const TOP_DEFAULT = 10;

export interface AnalyzeArgs {
  readonly file: string;
  /** Rows in each list. */
  readonly top: number;
  readonly json: boolean;
  readonly markdown?: boolean | undefined;
  /** File that the HTML page is written to. */
  readonly html?: string | undefined;
  readonly force?: boolean | undefined;
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
  if (args.json && (args.markdown === true || args.html !== undefined)) {
    throw new UserError('analyze: --json, --markdown and --html exclude each other (gotape analyze --help)', {
      exitCode: ExitCode.usage,
    });
  }
  if (args.section?.includes('list')) {
    ctx.stdout.write(sectionListText());
    return { exitCode: ExitCode.ok };
  }
  const { groupBy, criticalPath, top } = args;
  const shown = textSectionsOf(args.section, groupBy);
  using trace = await openTraceAhead(args.file);
  const selection = args.window && (await selectionOf(trace, args.window));
  const options = {
    top,
    selection,
    sections: [...new Set([...sectionsFor(args, shown), ...told(trace)])],
    groupBy,
    criticalPath,
  };
  const analysis = await analyzeTrace(trace, options);
  if (args.html === undefined) ctx.stdout.write(textOf(ctx, args, analysis, shown));
  else await writePage(ctx, args, args.html, trace, { analysis, selection });
  if (analysis.losses.complete) return { exitCode: ExitCode.ok };
  ctx.stderr.write(`warning: ${lossSentence(analysis.losses)}\n`);
  return { exitCode: ExitCode.dataLoss };
}

/** What the OS did explains long runs and waits: where it was recorded, the diagnosis must know. */
function told({ facts }: TraceSource): readonly SectionName[] {
  return facts.probes.some(({ symbol, attached }) => attached && symbol === OS_SCHEDULE) ? ['os'] : [];
}

function sectionsFor({ html, markdown }: AnalyzeArgs, shown: readonly TextSectionName[]): readonly SectionName[] {
  if (html !== undefined) return SECTION_NAMES;
  return markdown === true ? ['functions', 'block'] : madeFor(shown);
}

function textOf(ctx: Context, args: AnalyzeArgs, analysis: Analysis, shown: readonly TextSectionName[]): string {
  if (args.json) return `${printableJson(analysis, 2)}\n`;
  if (args.markdown === true) return describeAsMarkdown(analysis, `${commandOf(args)} --markdown`);
  return describeAnalysis(analysis, styleOf(ctx), shown);
}

async function writePage(
  ctx: Context,
  args: AnalyzeArgs,
  path: string,
  trace: TraceSource,
  made: { readonly analysis: Analysis; readonly selection: Selection | undefined },
): Promise<void> {
  await assertNotTheTrace(path, args.file);
  const command = `${commandOf(args)} --html ${quoted(path)}`;
  await writeHtmlReport(trace, path, { ...made, file: args.file, command, overwrite: args.force === true });
  ctx.stderr.write(`${printable(path)}: open it in a browser; it needs nothing else\n`);
}

/** What to say to get the same figures again. */
function commandOf({ file, top, window, groupBy, criticalPath }: AnalyzeArgs): string {
  const options: readonly (readonly [string, string | number | undefined])[] = [
    ['from', window?.from],
    ['to', window?.to],
    ...(window?.goid ?? []).map((goid) => ['goid', goid] as const),
    ['function', window?.function],
    ['top', top === TOP_DEFAULT ? undefined : top],
    ['group-by', groupBy],
    ['critical-path', criticalPath],
  ];
  const said = options.flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(String(value))}`]));
  return ['gotape analyze', quoted(file), ...said].join(' ');
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function styleOf({ stdout, env }: Context): 'plain' | 'ansi' {
  const terminal = 'isTTY' in stdout && stdout.isTTY === true;
  return terminal && !env['NO_COLOR'] ? 'ansi' : 'plain';
}

function lossSentence({ lostEvents, gapCount, damage }: Losses): string {
  const parts = [
    ...(lostEvents > 0
      ? [`${formatCount(lostEvents)} events were lost while recording, in ${formatCount(gapCount)} gaps`]
      : []),
    // Of a merged or a repaired trace: nobody counted.
    ...(lostEvents === 0 && gapCount > 0
      ? [`${formatCount(gapCount)} stretches of time were not recorded, or what happened in them is lost`]
      : []),
    ...(damage.length > 0
      ? [`the file is damaged (${damage.length === 1 ? damage[0] : `${damage.length} places`})`]
      : []),
  ];
  return `these figures are incomplete: ${parts.join('; ')}`;
}
