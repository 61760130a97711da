/** The text of `gotape info`. */
import { formatBytes, formatCount, formatNs, printable } from '../base/text.js';
import type {
  CostFacts,
  LossFacts,
  ProbeFact,
  SourceFact,
  TargetFact,
  TraceFacts,
  WindowFact,
} from '../model/trace-facts.js';

/** Everything known of a trace without analyzing it; `cli/info.ts` makes it. Times in ns, epoch times as decimal strings. */
export interface InfoFacts {
  readonly file: string;
  readonly bytes: number;
  readonly header: TraceFacts;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationNs: number;
  readonly stopReason: string;
  readonly transitions: number;
  readonly goroutines: number;
  readonly segments: number;
  readonly bytesPerTransition: number;
  /** Undefined when the recorder died before it could say. */
  readonly losses: LossFacts | undefined;
  readonly lost: number;
  /** What was recorded besides: stacks, calls, changes of OS threads; and how much of that was lost. */
  readonly stacks: number;
  readonly calls: number;
  readonly osChanges: number;
  readonly lostDetails: number;
  /** Of the recorder process. */
  readonly cost: CostFacts | undefined;
  readonly tables: Readonly<
    Record<string, { entries: number; bytes: number; columns: Readonly<Record<string, number>> }>
  >;
  /** What is missing or broken in the file; empty when it is whole. */
  readonly damage: readonly string[];
}

const LABEL_WIDTH = 12;
const LINE_WIDTH = 100;

export function describeInfo(info: InfoFacts): string {
  const { header } = info;
  const sections = [
    [
      row(
        'trace',
        `${info.file}, ${formatBytes(info.bytes)}, format version ${header.formatVersion}, by ${header.producer}`,
      ),
      ...header.targets.flatMap(targetRows),
      row('host', `${header.host.hostname}, Linux ${header.host.kernel} ${header.host.arch}, ${header.host.cpus} CPUs`),
      row('recorded', `${info.startedAt}, ${formatNs(info.durationNs)}, stopped: ${info.stopReason}`),
      ...windowRows(header.window),
      ...(header.sources ?? []).map(sourceRow),
      row('holds', holds(info)),
      ...detailRows(info),
      row('lost', lostText(info)),
      ...(info.cost === undefined ? [] : [row('cost', costText(info.cost))]),
      ...header.notes.map((note) => row('note', note)),
      ...info.damage.map((sentence) => row('DAMAGE', sentence)),
    ],
    ['probes', ...header.probes.map(probeRow)],
    ['not visible in this trace', ...header.invisible.flatMap((sentence) => wrap(`- ${printable(sentence)}`, '  '))],
    ['size', ...sizeRows(info)],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function row(label: string, text: string): string {
  return wrap(printable(text), ' '.repeat(LABEL_WIDTH))
    .join('\n')
    .replace(' '.repeat(LABEL_WIDTH), label.padEnd(LABEL_WIDTH));
}

function windowRows(window: WindowFact | undefined): string[] {
  if (window === undefined) return [];
  const { fromNs, toNs, goids, functions } = window;
  const parts = [
    `cut: ${formatNs(fromNs)} after the start to ${Number.isFinite(toNs) ? formatNs(toNs) : 'the end'}`,
    ...(goids.length > 0 ? [`only goroutines ${goids.join(', ')}`] : []),
    ...functions.map((pattern) => `only goroutines of ${pattern}`),
  ];
  return [row('window', parts.join('; '))];
}

function sourceRow({ host, offsetNs, uncertaintyNs, alignment, pids, stopReason }: SourceFact): string {
  const exact = alignment === 'monotonic' ? 'same clock' : `± ${formatNs(uncertaintyNs)}, by wall clock`;
  const changes = pids.map(({ pid, original }) => `; its process ${original} is ${pid} here`).join('');
  return row(
    'merged',
    `${host.hostname}, starts at ${formatNs(offsetNs)} (${exact}), stopped: ${stopReason}${changes}`,
  );
}

function targetRows(target: TargetFact): string[] {
  const inside = target.innerPid === undefined ? '' : ` (${target.innerPid} in its container)`;
  const process = target.pid === 0 ? 'every process' : `process ${target.pid}${inside}`;
  const source = target.layout.find((field) => field.name === 'g.goid');
  return [
    row('target', `${target.executable}, ${process}, ${target.goVersion} ${target.arch}`),
    ...(target.commandLine.length > 0 ? [row('command', target.commandLine.join(' '))] : []),
    ...(source
      ? [row('offsets', `g.goid at ${source.offset}, from ${source.source}; ${target.layout.length} fields in all`)]
      : []),
    ...target.warnings.map((warning) => row('warning', warning)),
  ];
}

function holds(info: InfoFacts): string {
  const rate = info.durationNs > 0 ? ` (${formatCount(info.transitions / (info.durationNs / 1e9))}/s)` : '';
  return `${formatCount(info.transitions)} transitions${rate} of ${formatCount(info.goroutines)} goroutines in ${formatCount(info.segments)} segments`;
}

function detailRows({ stacks, calls, osChanges }: InfoFacts): string[] {
  const parts = [
    ...(stacks > 0 ? [`${formatCount(stacks)} different stacks`] : []),
    ...(calls > 0 ? [`${formatCount(calls)} calls`] : []),
    ...(osChanges > 0 ? [`${formatCount(osChanges)} changes of OS threads`] : []),
  ];
  return parts.length > 0 ? [row('besides', parts.join(', '))] : [];
}

function lostText({ lost, lostDetails, losses }: InfoFacts): string {
  const besides = lostDetails > 0 ? `; and ${formatCount(lostDetails)} events of what was recorded besides` : '';
  if (losses === undefined)
    return `${formatCount(lost)} events known to be lost; what was lost at the end is unknown${besides}`;
  const balance = `${formatCount(losses.hits)} probe hits = ${formatCount(losses.submitted - losses.paired)} recorded + ${formatCount(losses.dropped)} dropped + ${formatCount(losses.faulted)} unreadable + ${formatCount(losses.filtered)} filtered`;
  const what = lost === 0 && lostDetails > 0 ? 'no change of state' : 'nothing';
  return `${lost === 0 ? what : `${formatCount(lost)} events`}; ${balance}${besides}`;
}

function costText({ userCpuNs, systemCpuNs, startupCpuNs, peakRssBytes }: CostFacts): string {
  const recording = formatNs(userCpuNs + systemCpuNs - startupCpuNs);
  return `the recorder used ${recording} of CPU, ${formatNs(startupCpuNs)} before that to start, and ${formatBytes(peakRssBytes)} of memory`;
}

function probeRow(probe: ProbeFact): string {
  // A probe of the kernel has no place in a function.
  const place = probe.symbol.includes(':') ? '' : `at +${probe.offset} `;
  const how = probe.attached
    ? `${place}${probe.instruction}${probe.emulated ? '' : ' (single-stepped by the kernel: slow)'}`
    : probe.why;
  return `  ${printable(probe.symbol).padEnd(30)}  ${printable(how)}`;
}

function sizeRows(info: InfoFacts): string[] {
  const rows = Object.entries(info.tables).flatMap(([name, table]) => [
    sizeRow(`  ${name}`, table.bytes, info.transitions),
    ...Object.entries(table.columns)
      .sort(([, a], [, b]) => b - a)
      .map(([column, bytes]) => sizeRow(`    ${column}`, bytes, info.transitions)),
  ]);
  return [...rows, sizeRow('  file', info.bytes, info.transitions)];
}

function sizeRow(name: string, bytes: number, transitions: number): string {
  const each = transitions > 0 ? `${(bytes / transitions).toFixed(3)} per transition` : '';
  return `${printable(name).padEnd(30)}  ${formatBytes(bytes).padStart(10)}  ${each}`.trimEnd();
}

/** Breaks at spaces; every line begins with `indent`. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > LINE_WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
