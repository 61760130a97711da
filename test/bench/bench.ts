/**
 * `npm run bench -- [--quick] [--write]`: what recording costs the target and the recorder, how much a trace takes, and
 * how fast it is read, beside the goals. One run alternates the ways, so that they share the machine's mood; medians.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWorkload, timed, WAYS, type WorkloadRun } from './measure.js';

const quick = process.argv.includes('--quick');
const rounds = quick ? 3 : 7;
const seconds = quick ? 4 : 10;
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'gotape-bench-'));

interface Row {
  readonly what: string;
  readonly measured: string;
  readonly goal: string;
}

function buildWorkload(): string {
  const folder = join(root, 'test/.cache');
  mkdirSync(folder, { recursive: true });
  const output = join(folder, 'bench-workload');
  execFileSync('go', ['build', '-o', output, 'main.go'], { cwd: join(root, 'test/bench/workload'), stdio: 'inherit' });
  return output;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** All ways in turn, `rounds` times. */
function alternate(workload: string, mode: string): Map<string, WorkloadRun[]> {
  const runs = new Map<string, WorkloadRun[]>(WAYS.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const way of WAYS) {
      process.stderr.write(`\r\x1b[K${mode}: round ${round + 1} of ${rounds}, ${way}`);
      runs
        .get(way)!
        .push(
          runWorkload(way, workload, ['-mode', mode, '-d', `${seconds}s`], join(scratch, `${mode} ${way}.gotape.zip`)),
        );
    }
  }
  process.stderr.write('\r\x1b[K');
  return runs;
}

/** CPU time of the target beyond the unprobed run, per change of state, ns. `work`: the runs did the same amount. */
function addedNs(runs: Map<string, WorkloadRun[]>, way: string): number {
  const transitionsPerOp = median(runs.get('gotape')!.map((run) => run.recording!.transitions / run.ops));
  const cpuPerOp = (run: WorkloadRun) => (run.cpuSeconds * 1e9) / run.ops;
  const base = median(runs.get('unprobed')!.map(cpuPerOp));
  return (median(runs.get(way)!.map(cpuPerOp)) - base) / transitionsPerOp;
}

function recordingRows(mode: string, runs: Map<string, WorkloadRun[]>): Row[] {
  const recordings = runs.get('gotape')!.map((run) => run.recording!);
  const empty = addedNs(runs, 'empty uprobe');
  const gotape = addedNs(runs, 'gotape');
  const stacks = addedNs(runs, 'gotape --stacks');
  const stackBytes = median(runs.get('gotape --stacks')!.map((run) => run.recording!.bytesPerTransition));
  const of = (value: (run: (typeof recordings)[number]) => number) => median(recordings.map(value));
  const rate = of((run) => run.transitions / seconds);
  return [
    { what: `${mode}: transitions per second`, measured: Math.round(rate).toLocaleString('en-US'), goal: '' },
    {
      what: `${mode}: added to the target by an empty uprobe`,
      measured: `${empty.toFixed(0)} ns per transition`,
      goal: '',
    },
    {
      what: `${mode}: added to the target by gotape`,
      measured: `${gotape.toFixed(0)} ns per transition, ${(gotape / empty).toFixed(2)} × empty`,
      goal: '≤ 1.25 × empty',
    },
    {
      what: `${mode}: added to the target by gotape --stacks`,
      measured: `${stacks.toFixed(0)} ns per transition, ${(stacks / gotape).toFixed(2)} × without`,
      goal: '',
    },
    {
      what: `${mode}: recorder CPU while recording`,
      measured: `${of((run) => (run.cpuSeconds / run.transitions) * 1e6).toFixed(3)} s per million`,
      goal: '≤ 0.15 s',
    },
    { what: `${mode}: recorder CPU to start`, measured: `${of((run) => run.startupSeconds).toFixed(2)} s`, goal: '' },
    { what: `${mode}: lost`, measured: `${of((run) => run.lost)}`, goal: '0, or located' },
    {
      what: `${mode}: bytes per transition, no stacks`,
      measured: of((run) => run.bytesPerTransition).toFixed(2),
      goal: mode === 'mixed' ? '≤ 3.2' : '',
    },
    { what: `${mode}: bytes per transition with stacks`, measured: stackBytes.toFixed(2), goal: '' },
  ];
}

/** Whole commands, start-up included. */
function readingRows(runs: Map<string, WorkloadRun[]>): Row[] {
  const { trace, transitions } = runs.get('gotape')!.at(-1)!.recording!;
  const json = join(scratch, 'out.json');
  const startup = median(Array.from({ length: 3 }, () => timed(['--version']).seconds));
  const analyze = median(Array.from({ length: 3 }, () => timed(['analyze', '--json', trace]).seconds));
  const convert = median(
    Array.from({ length: 3 }, () => timed(['convert', trace, '--to', 'chrome', '--force', '-o', json]).seconds),
  );
  const slices = Number(spawnSync('grep', ['-c', '"ph":"X"', json], { encoding: 'utf8' }).stdout);
  const perSecond = (count: number, time: number) => `${(count / time / 1e6).toFixed(2)} M/s`;
  return [
    {
      what: `analyze, ${(transitions / 1e6).toFixed(2)} M transitions`,
      measured: `${perSecond(transitions, analyze)} whole command, ${perSecond(transitions, analyze - startup)} less start-up`,
      goal: '≥ 20 M/s',
    },
    {
      what: `convert to Chrome JSON, ${(slices / 1e6).toFixed(2)} M slices, ${(statSync(json).size / 1e6).toFixed(0)} MB`,
      measured: `${perSecond(slices, convert)} whole command, ${perSecond(slices, convert - startup)} less start-up`,
      goal: '≥ 3 M/s',
    },
  ];
}

function table(rows: readonly Row[]): string {
  const header = '| what | measured | goal |\n|---|---|---|';
  return `${header}\n${rows.map((row) => `| ${row.what} | ${row.measured} | ${row.goal} |`).join('\n')}\n`;
}

try {
  const workload = buildWorkload();
  const mixed = alternate(workload, 'mixed');
  const rows = recordingRows('mixed', mixed);
  if (!quick) rows.push(...recordingRows('chan', alternate(workload, 'chan')));
  rows.push(...readingRows(mixed));
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} CPUs, Linux ${release()}, Node ${process.version}`;
  const how = `\`npm run bench${quick ? ' -- --quick' : ''}\`: ${rounds} rounds of ${seconds} s, medians, ${new Date().toISOString().slice(0, 10)}; ${machine}`;
  process.stdout.write(`${how}\n\n${table(rows)}`);
  if (process.argv.includes('--write')) {
    const path = join(root, 'docs/performance.md');
    const text = readFileSync(path, 'utf8');
    const marked = /(<!-- bench -->\n)[\s\S]*(<!-- end of bench -->)/;
    writeFileSync(path, text.replace(marked, `$1\n${how}\n\n${table(rows)}\n$2`));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
