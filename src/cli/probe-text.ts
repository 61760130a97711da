/** The text of `gotape probe`. */
import { printable } from '../base/text.js';
import type { ProbedArgument, ProbedFunction, ProbeReport } from './probe-report.js';

export function describeProbes(report: ProbeReport): string {
  const sections = [
    ...report.functions.map((found) => describeFunction(found).map((line) => printable(line))),
    ...(report.inlined.length > 0 ? [inlinedLines(report.inlined)] : []),
  ];
  const recorded = report.functions.filter(({ canBeRecorded }) => canBeRecorded).length;
  const total = `${recorded} of ${report.functions.length} matching functions can be recorded (record --call '${printable(report.pattern)}')`;
  const source = recorded > 0 ? [`costs: ${report.costSource}`] : [];
  return `${[...sections, [total, ...source]].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function inlinedLines(names: readonly string[]): string[] {
  return [
    'inlined into every caller, so there is no call to probe (//go:noinline or -gcflags=-l keeps them):',
    ...names.map((name) => `  ${printable(name)}`),
  ];
}

function describeFunction(found: ProbedFunction): string[] {
  const place = found.file === '' ? '' : `  ${found.file}${found.line > 0 ? `:${found.line}` : ''}`;
  const head = `${found.fullName}${place}`;
  if (!found.canBeRecorded) return [head, `  not recorded  ${found.why}`];
  return [head, ...argumentLines(found), `  probes        ${probesText(found)}`, `  one call      ${costText(found)}`];
}

function argumentLines({ arguments: list, argumentsUnknown }: ProbedFunction): string[] {
  if (argumentsUnknown !== '') return [`  arguments     not recorded: ${argumentsUnknown}`];
  if (list.length === 0) return ['  arguments     none'];
  const nameWidth = Math.max(...list.map(({ name }) => name.length));
  const typeWidth = Math.min(30, Math.max(...list.map(({ type }) => type.length)));
  return list.map((argument, i) => {
    const label = i === 0 ? 'arguments' : '';
    return `  ${label.padEnd(14)}${argument.name.padEnd(nameWidth)} ${argument.type.padEnd(typeWidth)}  ${whereText(argument)}`;
  });
}

function whereText({ places, isRecorded }: ProbedArgument): string {
  const unique = new Set(places);
  if (unique.size === 1 && unique.has('nowhere')) return 'in no place that DWARF names: not recorded';
  if (unique.size === 1 && unique.has('stack')) return 'on the stack: not recorded';
  if (unique.size === 1 && unique.has('float register')) return 'in a floating point register: not recorded';
  return `${places.join(' ')}${isRecorded ? '' : ': not recorded'}`;
}

function probesText({ entry, returns, tailJumps }: ProbedFunction): string {
  const parts = [
    ...(entry ? [`entry +0x${entry.offset.toString(16)} ${entry.instruction} (${classText(entry.emulated)})`] : []),
    `${returns} × ret (${classText(false)})`,
    ...(tailJumps > 0 ? [`${tailJumps} × jump to another function`] : []),
  ];
  return parts.join(', ');
}

function classText(emulated: boolean): string {
  return emulated ? 'emulated' : 'single-stepped';
}

function costText({ cost }: ProbedFunction): string {
  return cost === undefined ? '' : `${microseconds(cost.lowNs)}–${microseconds(cost.highNs)} µs of the target's time`;
}

function microseconds(ns: number): string {
  return (ns / 1000).toFixed(ns < 10_000 ? 1 : 0);
}
