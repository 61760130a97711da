/** One run of the workload in one of the ways, and what it cost. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const gotape = join(root, 'dist/main.js');

export type Way = 'unprobed' | 'empty uprobe' | 'gotape' | 'gotape --stacks';
export const WAYS: readonly Way[] = ['unprobed', 'empty uprobe', 'gotape', 'gotape --stacks'];

export interface WorkloadRun {
  /** CPU seconds of the workload, user and system: breakpoints are handled on its account. */
  readonly cpuSeconds: number;
  readonly ops: number;
  /** Undefined unless recorded. */
  readonly recording: RecordingRun | undefined;
}

export interface RecordingRun {
  readonly trace: string;
  readonly transitions: number;
  readonly lost: number;
  readonly bytesPerTransition: number;
  /** Of the recorder, from the start of recording to its end, and before that. */
  readonly cpuSeconds: number;
  readonly startupSeconds: number;
}

export function runWorkload(way: Way, workload: string, args: readonly string[], trace: string): WorkloadRun {
  const command = [workload, ...args];
  rmSync(trace, { force: true });
  const record = [process.execPath, gotape, 'record', '-q', '-o', trace];
  const prefix: Record<Way, readonly string[]> = {
    unprobed: [],
    'empty uprobe': [process.execPath, '--import', 'tsx', join(root, 'test/bench/empty-uprobe.ts')],
    gotape: [...record, '--'],
    'gotape --stacks': [...record, '--stacks', '--'],
  };
  const [file, ...rest] = [...prefix[way], ...command];
  const result = spawnSync(file!, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], cwd: root });
  // 3: events were lost, which is a result here.
  if (result.status !== 0 && result.status !== 3) throw new Error(`${way}: exit status ${result.status}`);
  const report = JSON.parse(result.stdout) as { cpu_total: number; ops: number };
  return {
    cpuSeconds: report.cpu_total,
    ops: report.ops,
    recording: way.startsWith('gotape') ? readRecording(trace) : undefined,
  };
}

interface Info {
  readonly transitions: number;
  readonly lost: number;
  readonly bytesPerTransition: number;
  readonly cost: { userCpuNs: number; systemCpuNs: number; startupCpuNs: number };
}

function readRecording(trace: string): RecordingRun {
  const info = JSON.parse(timed(['info', '--json', trace]).stdout) as Info;
  const { userCpuNs, systemCpuNs, startupCpuNs } = info.cost;
  return {
    trace,
    transitions: info.transitions,
    lost: info.lost,
    bytesPerTransition: info.bytesPerTransition,
    cpuSeconds: (userCpuNs + systemCpuNs - startupCpuNs) / 1e9,
    startupSeconds: startupCpuNs / 1e9,
  };
}

/** Runs a gotape command; seconds are those of the whole process. */
export function timed(args: readonly string[]): { seconds: number; stdout: string } {
  const start = performance.now();
  const result = spawnSync(process.execPath, [gotape, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0 && result.status !== 3) throw new Error(`gotape ${args.join(' ')}: ${result.stderr}`);
  return { seconds: (performance.now() - start) / 1000, stdout: result.stdout };
}
