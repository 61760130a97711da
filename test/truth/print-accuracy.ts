/**
 * Prints the tables of docs/accuracy.md, or those of the programs that are named:
 *
 *     npm run build && npx tsx test/truth/print-accuracy.ts [PROGRAM…]
 */
import type { Toolchain } from '../support/go-build.js';
import { ACCURACY_TOOLCHAINS, type Accuracy, FEW_SPANS, measureAccuracy, SELF_TRACING } from './accuracy.js';
import { Workspace } from './record-trace.js';

type ByToolchain = ReadonlyMap<Toolchain, Accuracy>;

const SUMMARY: readonly (readonly [title: string, value: (accuracy: Accuracy) => string])[] = [
  ['goroutines', ({ goroutines }) => count(goroutines)],
  ['stays in a state, compared', ({ spans }) => count(spans)],
  ['goroutines with other states, or in another order', ({ differences }) => count(differences.length)],
  ['named differently per change', ({ meanLagNs }) => `${meanLagNs.toFixed(0)} ns`],
  ['disturbed stays', ({ disturbed, spans }) => `${count(disturbed)} (${((disturbed / spans) * 100).toFixed(2)} %)`],
  ['P lost in a system call, and found', ({ quickP }) => count(quickP)],
];

const wanted = process.argv.slice(2);
const programs = Object.keys(SELF_TRACING) as (keyof typeof SELF_TRACING)[];
for (const program of programs.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const measured = new Map<Toolchain, Accuracy>();
  for (const toolchain of ACCURACY_TOOLCHAINS) {
    using workspace = new Workspace();
    measured.set(toolchain, await measureAccuracy(workspace, program, toolchain));
  }
  process.stdout.write(`\n### ${program}\n\n${summaryTable(measured)}\n\n${stateTable(measured)}\n`);
}

function summaryTable(measured: ByToolchain): string {
  return table(
    ['', ...[...measured.keys()].map((toolchain) => `Go ${toolchain}`)],
    SUMMARY.map(([title, value]) => [title, ...[...measured.values()].map(value)]),
  );
}

/** `difference of the sums, difference per stay`, by state and version. */
function stateTable(measured: ByToolchain): string {
  const all = [...measured.values()].flatMap(({ states }) => states.filter(({ spans }) => spans >= FEW_SPANS));
  const names = [...new Set(all.map(({ state }) => state))];
  const rows = names.map((name) => {
    const own = all.filter(({ state }) => state === name);
    const meanNs = own.reduce((sum, { goNs }) => sum + goNs, 0) / own.reduce((sum, { spans }) => sum + spans, 0);
    return [name, micros(meanNs), ...[...measured.values()].map((accuracy) => cell(accuracy, name))];
  });
  return table(['state', 'mean stay', ...[...measured.keys()].map((toolchain) => `Go ${toolchain}`)], rows);
}

function cell({ states }: Accuracy, name: string): string {
  const found = states.find(({ state, spans }) => state === name && spans >= FEW_SPANS);
  if (found === undefined) return '';
  const { goNs, tapeNs, spans } = found;
  return `${signed(((tapeNs - goNs) / goNs) * 100, 3)} %, ${signed((tapeNs - goNs) / spans, 0)} ns`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function micros(ns: number): string {
  return `${(ns / 1e3).toLocaleString('en-US', { maximumFractionDigits: ns < 1e5 ? 1 : 0 })} µs`;
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
