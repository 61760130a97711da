/** The sections of the text of an analysis, by the names that the command line gives them. */
import type { Analysis } from '../analyze/analysis.js';
import type { SectionName } from '../analyze/sections.js';
import { goroutineSections, startFunctionSections, transitionSections } from './ranking-sections.js';
import type { Section } from './section.js';
import { blockSections } from './sections/block-text.js';
import { functionSections } from './sections/function-text.js';
import { latencySections } from './sections/latency-text.js';
import { callSections, churnSections, leakSections } from './sections/life-text.js';
import { osSections } from './sections/os-text.js';
import { chainSections, hogSections, pathSections, wakeSections } from './sections/relation-text.js';
import { cpuSections, gcSections, syscallSections } from './sections/runtime-text.js';
import { latencySummary, lifeSections, reasonSections, stateSections } from './time-sections.js';

interface TextSection {
  readonly describe: string;
  readonly text: (analysis: Analysis) => readonly Section[];
  /** Why it is empty, where the trace rather than the program is the cause. */
  readonly without?: string;
}

/** In the order in which they are shown. Those of {@link SectionName} are made only when they are asked for. */
export const TEXT_SECTIONS = {
  states: { describe: 'time of all goroutines by state', text: stateSections },
  functions: { describe: 'spans by start function and state, with percentiles (--group-by)', text: functionSections },
  block: { describe: 'block time by reason and by stack', text: blockSections },
  latency: { describe: 'scheduling latency: histogram, the longest waits and what ran instead', text: latencySections },
  syscalls: { describe: 'system calls by start function', text: syscallSections },
  gc: { describe: 'garbage collection and stopped worlds as goroutines felt them', text: gcSections },
  cpu: { describe: 'use of Ps and threads, parallelism over time, saturation', text: cpuSections },
  wakes: { describe: 'who wakes whom, and how long until they run', text: wakeSections },
  chains: { describe: 'who waited for whom, who waited for whom', text: chainSections },
  leaks: { describe: 'goroutines that block for the rest of the trace', text: leakSections },
  hogs: { describe: 'long runs without yielding, and who waited meanwhile', text: hogSections },
  churn: { describe: 'where goroutines are created, how often, how long they live', text: churnSections },
  calls: {
    describe: 'recorded calls by function',
    text: callSections,
    without: 'no calls were recorded (gotape record --call)',
  },
  os: {
    describe: 'what the operating system did with the threads',
    text: osSections,
    without: 'the OS schedule was not recorded (gotape record --sched)',
  },
  goroutines: { describe: 'the goroutines with the most time in each state', text: goroutineSections },
  life: { describe: 'goroutines created, exited and alive over time', text: lifeSections },
  transitions: { describe: 'how often each change of state happened', text: transitionSections },
} as const satisfies Readonly<Record<SectionName | string, TextSection>>;

export type TextSectionName = keyof typeof TEXT_SECTIONS;

export const TEXT_SECTION_NAMES = Object.keys(TEXT_SECTIONS) as readonly TextSectionName[];

/** What is shown when no section is asked for. */
export function defaultSections(analysis: Analysis): Section[] {
  return [
    ...stateSections(analysis),
    ...startFunctionSections(analysis),
    ...reasonSections(analysis),
    ...latencySummary(analysis),
    ...(analysis.leaks.leaked > 0 ? leakSections(analysis) : []),
  ];
}

/** In the order of the list above; one that has nothing to say says so. */
export function chosenSections(analysis: Analysis, names: readonly TextSectionName[]): Section[] {
  return TEXT_SECTION_NAMES.filter((name) => names.includes(name)).flatMap((name) => {
    const section: TextSection = TEXT_SECTIONS[name];
    const shown = section.text(analysis).filter(({ lines }) => lines.length > 0);
    if (shown.length > 0) return shown;
    return [{ title: `Section ${name}`, lines: [`  ${section.without ?? 'nothing of this kind is in the trace'}`] }];
  });
}

/** Lines for `--section list`. */
export function sectionListText(): string {
  const width = Math.max(...TEXT_SECTION_NAMES.map(({ length }) => length));
  return TEXT_SECTION_NAMES.map((name) => `${name.padEnd(width)}  ${TEXT_SECTIONS[name].describe}\n`).join('');
}

export function criticalPathSections(analysis: Analysis): Section[] {
  return pathSections(analysis);
}
