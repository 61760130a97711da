/** Builds the page from the data that stands in it. */
import type { ReportData } from '../report-data.js';
import { redrawCharts } from './chart.js';
import { element, note, panel, visible } from './dom.js';
import { flameGraph, type WeightedStack } from './flame.js';
import { count, functionName, time } from './format.js';
import { goroutineTable } from './goroutine-table.js';
import { latency } from './latency-charts.js';
import { diagnosis, heading, timeByState } from './overview.js';
import { FLAME } from './states.js';
import { statesOverTime } from './states-chart.js';
import { callTable, functionTables, gcTable, reasonTable, syscallTables } from './stats-tables.js';
import { chooseTheme } from './theme.js';
import { timeline } from './timeline.js';
import { chainTable, churnTable, hogTable, leakTable } from './trouble-tables.js';
import { wakeGraph } from './wake-graph.js';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as ReportData;

function panels({ analysis, picture }: ReportData): HTMLElement[] {
  const { sections, leaks, gc } = { ...analysis, gc: analysis.sections.gc };
  const made: (HTMLElement | undefined)[] = [
    sections.cpu === null
      ? undefined
      : panel('cpu', 'States over time', statesOverTime(sections.cpu.overTime), cpuNote(data)),
    picture.timeline.rows.length === 0 ? undefined : panel('timeline', 'Time line', timeline(picture.timeline)),
    sections.latency === null || sections.latency.stats === null
      ? undefined
      : panel('latency', 'Scheduling latency', latency(sections.latency)),
    leaks.sites.length === 0 ? undefined : panel('leaks', 'Leaks', leakTable(analysis)),
    blockPanel(data),
    executionPanel(data),
    panel('functions', 'Start functions', ...functionTables(analysis)),
    panel('goroutines', 'Goroutines', goroutineTable(picture)),
    sections.hogs === null || sections.hogs.functions.length === 0
      ? undefined
      : panel('hogs', `Runs longer than ${time(sections.hogs.longerThanNs)}`, hogTable(analysis)),
    sections.wakes === null || sections.wakes.byFunction.length === 0
      ? undefined
      : panel('wakes', 'Who wakes whom', wakeGraph(sections.wakes)),
    sections.chains === null || sections.chains.list.length === 0
      ? undefined
      : panel('chains', 'Chains of waiting', chainTable(analysis)),
    sections.churn === null || sections.churn.sites.length === 0
      ? undefined
      : panel('churn', 'Where goroutines come from', churnTable(analysis)),
    sections.syscalls?.stats == null ? undefined : panel('syscalls', 'System calls', ...syscallTables(analysis)),
    gc === null || gc.felt.length === 0
      ? undefined
      : panel('gc', 'Garbage collection, as goroutines felt it', gcTable(analysis), ...gc.limits.map(note)),
    sections.calls === null || sections.calls.functions.length === 0
      ? undefined
      : panel('calls', 'Recorded calls', callTable(analysis)),
    aboutPanel(data),
  ];
  return made.filter((one) => one !== undefined);
}

function cpuNote({ analysis: { sections } }: ReportData): HTMLElement {
  const { averageRunning, averageRunnable, saturatedShare, ps } = sections.cpu!;
  return note(
    `On average ${averageRunning.toFixed(2)} ran and ${averageRunnable.toFixed(2)} were ready, on ${count(ps.length)} Ps; ` +
      `${(saturatedShare * 100).toFixed(1)} % of the time all of them were busy while others were ready.`,
  );
}

function blockPanel({ analysis }: ReportData): HTMLElement | undefined {
  const { block } = analysis.sections;
  if (block === null || block.reasons.length === 0) return undefined;
  const { recorded, list } = block.stacks;
  const stacks = list.map(({ frames, reason, totalNs }): WeightedStack => ({ frames, leaf: reason, ns: totalNs }));
  const flame = recorded
    ? [flameGraph('Flame graph of block time by stack', stacks, FLAME.block)]
    : [note('No stacks in this trace: record with --stacks to see where goroutines block.')];
  return panel('block', 'Block time', ...flame, reasonTable(analysis));
}

function executionPanel({ picture: { executionStacks } }: ReportData): HTMLElement | undefined {
  const { list, withoutStack, frames: table, omittedNs } = executionStacks;
  if (list.length === 0) return undefined;
  const stacks: WeightedStack[] = [
    ...list.map(({ frames, ns }) => ({ frames: frames.flatMap((index) => table[index] ?? []), leaf: '', ns })),
    ...withoutStack.map(({ startFunction, ns }) => ({
      frames: [{ function: functionName(startFunction), file: '', line: 0 }],
      leaf: '',
      ns,
    })),
  ];
  return panel(
    'execution',
    'Execution time by stack',
    note('Each run counts for the stack at which it ended: gotape takes no samples while goroutines run.'),
    ...(omittedNs > 0 ? [note(`Left out are ${time(omittedNs)} of rarer stacks.`)] : []),
    flameGraph('Flame graph of execution time by stack', stacks, FLAME.execution),
  );
}

function aboutPanel({ analysis, command, file }: ReportData): HTMLElement {
  return panel(
    'about',
    'About this report',
    element('ul', {}, ...analysis.warnings.map((sentence) => element('li', {}, visible(sentence)))),
    note(
      `Percentiles are at most ${(analysis.relativeError * 100).toFixed(1)} % too high. Times are from the start of the recording on.`,
    ),
    element('p', {}, 'Made of ', element('code', {}, visible(file)), ' by ', element('code', {}, visible(command))),
  );
}

function build(): void {
  const parts = panels(data);
  const links = parts.map((part) => element('a', { href: `#${part.id}` }, part.querySelector('h2')?.textContent ?? ''));
  const main = element(
    'main',
    {},
    heading(data),
    element('div', { id: 'diagnosis' }),
    timeByState(data.analysis),
    ...parts,
  );
  document.body.append(element('nav', { 'aria-label': 'sections' }, ...links, chooseTheme(redrawCharts)), main);
  // Findings link to the sections that are there.
  document.getElementById('diagnosis')?.append(diagnosis(data.analysis));
}

build();
