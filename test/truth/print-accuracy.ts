/**
 * Prints the tables of docs/accuracy.md:
 *
 *     npm run build && npx tsx test/truth/print-accuracy.ts
 */
import {
  ACCURACY_TOOLCHAINS,
  type Accuracy,
  FEW_SPANS,
  measureAccuracy,
  SELF_TRACING,
  type StateAccuracy,
} from './accuracy.js';
import { Workspace } from './record-trace.js';

for (const program of Object.keys(SELF_TRACING) as (keyof typeof SELF_TRACING)[]) {
  for (const toolchain of ACCURACY_TOOLCHAINS) {
    using workspace = new Workspace();
    process.stdout.write(`\n### Go ${toolchain}, ${program}\n\n`);
    process.stdout.write(table(await measureAccuracy(workspace, program, toolchain)));
  }
}

function table(accuracy: Accuracy): string {
  const { goroutines, spans, disturbed, quickP, lateP, meanLagNs, differences, states } = accuracy;
  const rows = states.filter((state) => state.spans >= FEW_SPANS).map(row);
  return `${[
    `${count(spans)} states of ${count(goroutines)} goroutines, ${differences.length} in another order; ` +
      `${count(disturbed)} disturbed; ${meanLagNs.toFixed(0)} ns named differently per change; ` +
      `P lost and found ${quickP}, found missing late ${lateP}.`,
    '',
    '| state | entered | Go, ms | gotape, ms | difference | per stay | Go sees it begin |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...rows,
  ].join('\n')}\n`;
}

function row({ state, spans, goNs, tapeNs, lagNs }: StateAccuracy): string {
  const share = ((tapeNs - goNs) / goNs) * 100;
  const each = (tapeNs - goNs) / spans;
  return (
    `| ${state} | ${count(spans)} | ${ms(goNs)} | ${ms(tapeNs)} | ${signed(share, 3)} % | ${signed(each, 0)} ns | ` +
    `${Math.abs(lagNs).toFixed(0)} ns ${lagNs < 0 ? 'earlier' : 'later'} |`
  );
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function ms(ns: number): string {
  return (ns / 1e6).toLocaleString('en-US', { minimumFractionDigits: 3, maximumFractionDigits: 3 });
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
