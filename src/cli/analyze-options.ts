/** `gotape analyze`: what can be said on the command line. */
import type { Argv } from 'yargs';
import { GROUPINGS, SECTION_NAMES, type SectionName } from '../analyze/sections.js';
import { ExitCode, UserError } from '../base/errors.js';
import { TEXT_SECTION_NAMES, type TextSectionName } from '../report/section-list.js';
import { windowOptions } from './window-options.js';

export function analyzeOptions<T>(cli: Argv<T>) {
  return windowOptions(cli)
    .option('section', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'Show this section (all, list); may be given again',
    })
    .option('top', { type: 'number', nargs: 1, default: 10, describe: 'Rows in each table' })
    .option('group-by', {
      choices: GROUPINGS,
      nargs: 1,
      describe: 'What the section functions is about: start function, creator, pprof labels, wait reason',
    })
    .option('critical-path', {
      type: 'string',
      nargs: 1,
      describe: 'What this goroutine (or those of a start function) spent its time on, and on whom',
    })
    .option('html', { type: 'string', nargs: 1, describe: 'Write everything as one HTML page to this file' })
    .option('markdown', { type: 'boolean', describe: 'Print what belongs into an issue, as Markdown' })
    .option('force', { type: 'boolean', default: false, describe: 'Overwrite the HTML file' })
    .conflicts({ html: ['section', 'markdown'], markdown: ['section'] })
    .example('$0 analyze app.gotape.zip', 'the diagnosis, and tables that fit 100 columns')
    .example('$0 analyze app.gotape.zip --section latency --section hogs', 'who waited for a CPU, and what ran instead')
    .example('$0 analyze app.gotape.zip --from 1s --to 1.5s', 'half a second of it')
    .example('$0 analyze app.gotape.zip --critical-path 7', 'what goroutine 7 waited for, through others')
    .example('$0 analyze app.gotape.zip --html report.html', 'charts, tables and flame graphs in one file')
    .example('$0 analyze app.gotape.zip --markdown', 'to be pasted into an issue')
    .example('$0 analyze --json app.gotape.zip | jq .totals', 'schemas/analysis.schema.json describes it');
}

/** Sections of the text by name. @throws UserError (usage) */
export function textSectionsOf(names: readonly string[] | undefined, groupBy: string | undefined): TextSectionName[] {
  const said = [...(names ?? []), ...(groupBy === undefined ? [] : ['functions'])];
  if (said.includes('all')) return [...TEXT_SECTION_NAMES];
  return said.map((name) => {
    const known = TEXT_SECTION_NAMES.find((section) => section === name);
    if (known !== undefined) return known;
    throw new UserError(`--section ${name}: expected ${TEXT_SECTION_NAMES.join(', ')}, all or list`, {
      exitCode: ExitCode.usage,
    });
  });
}

/** Those that the analysis must make for them. */
export function madeFor(sections: readonly TextSectionName[]): SectionName[] {
  return SECTION_NAMES.filter((name) => sections.includes(name));
}
