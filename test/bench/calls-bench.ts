/**
 * `node --import tsx test/bench/calls-bench.ts`: what one recorded call costs the target, beside an empty program on the same
 * instructions. The figures of docs/calls.md and src/goexe/probe-cost.ts. Ways alternate; medians.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAYOUT_FIELDS } from '../../src/capture/bpf-layout.js';
import { BpfObject } from '../../src/capture/bpf-object.js';
import { captureLog, targetOfFile } from '../../src/capture/index.js';

const ROUNDS = 5;
const CALLS = '100000';
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'gotape-bench-'));
const program = join(scratch, 'calls');
captureLog();
execFileSync('go', ['build', '-o', program, '.'], { cwd: join(root, 'test/bench/calls'), stdio: 'inherit' });
using target = targetOfFile(program);

/** CPU time of the program, ns a call. */
function run(name: string, prefix: readonly string[] = []): number {
  const [file, ...args] = [...prefix, program, name, CALLS];
  return Number(spawnSync(file!, args, { encoding: 'utf8', cwd: root }).stdout);
}

async function pointsOf(name: string): Promise<{ entry: number; returns: readonly number[]; text: string }> {
  const found = (await target.exe.callTargets([`main.${name}`])).targets[0];
  if (found === undefined || typeof found.points === 'string')
    throw new Error(`main.${name}: ${String(found?.points)}`);
  const { entry, returns } = found.points;
  const at = (offset: number) => target.exe.fileOffsetOf(found.entry + offset)!;
  return { entry: at(entry.offset), returns: returns.map(({ offset }) => at(offset)), text: entry.instruction };
}

function withEmpty(name: string, offsets: readonly number[]): number {
  const layout = Object.fromEntries(LAYOUT_FIELDS.map((field) => [field, 0])) as Record<
    (typeof LAYOUT_FIELDS)[number],
    number
  >;
  using bpf = new BpfObject({ layout, bufferBytes: 4096 });
  for (const offset of offsets) bpf.attachProgram('empty', offset, program, -1, name);
  return run(name);
}

function recorded(name: string): number {
  const trace = join(scratch, 'calls.gotape.zip');
  const gotape = join(root, 'dist/main.js');
  return run(name, [process.execPath, gotape, 'record', '-q', '--force', '-o', trace, '--call', `main.${name}`, '--']);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

for (const name of ['leaf', 'number', 'text']) {
  const { entry, returns, text } = await pointsOf(name);
  const ways: readonly (readonly [string, () => number])[] = [
    ['unprobed', () => run(name)],
    [`empty program on its entry (${text})`, () => withEmpty(name, [entry])],
    ['empty program on its ret', () => withEmpty(name, returns)],
    ['recorded', () => recorded(name)],
  ];
  const results = ways.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++) for (const [i, [, way]] of ways.entries()) results[i]!.push(way());
  for (const [i, [what]] of ways.entries())
    console.log(`main.${name}, ${what}: ${median(results[i]!).toFixed(0)} ns a call`);
}
rmSync(scratch, { recursive: true, force: true });
