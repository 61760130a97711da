/**
 * What decoding in threads of their own gains, in turn with and without: `npm run build && node --import tsx test/bench/ahead-bench.ts
 * [TRANSITIONS]`. Of the compiled modules, as only they have threads.
 *
 * Beside the time the CPU time of the thread that replays: what the time tends to where each thread has a core of its own.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartAhead } from '../../src/trace/parallel/transitions-ahead.js';
import { makeStretch } from './long/endless-segments.js';
import { writeLongTrace } from './long/write-long-trace.js';

const [, , transitions = '1e7', build = new URL('../../dist/', import.meta.url).href] = process.argv;
const ROUNDS = 5;

type Compiled = typeof import('../../src/trace/parallel/decode-ahead.js') &
  typeof import('../../src/trace/open-trace.js') &
  typeof import('../../src/cli/analyze-trace.js');

const load = async (path: string): Promise<Compiled> => import(new URL(path, build).href) as Promise<Compiled>;
const { startDecodeAhead } = await load('trace/parallel/decode-ahead.js');
const { openTrace } = await load('trace/open-trace.js');
const { analyzeTrace } = await load('cli/analyze-trace.js');

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly mainSeconds: number;
}

/** CPU time of the main thread, ns: the first number of its schedstat (Linux, Documentation/scheduler/sched-stats). */
function mainThreadNs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);
}

/** One thread, whatever else the machine does. */
const oneThread: StartAhead = (source, entries, decoding) =>
  startDecodeAhead(source, entries, decoding, { threads: 1 });

async function measure(path: string, ahead: StartAhead | undefined): Promise<Cost> {
  const [at, cpu, main] = [performance.now(), process.cpuUsage(), mainThreadNs()];
  using trace = await openTrace(path);
  trace.ahead = ahead;
  await analyzeTrace(trace, { top: 10 });
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - at) / 1000,
    cpuSeconds: (user + system) / 1e6,
    mainSeconds: (mainThreadNs() - main) / 1e9,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function print(name: string, costs: readonly Cost[]): void {
  const of = (pick: (cost: Cost) => number) => {
    const seconds = median(costs.map(pick));
    return `${seconds.toFixed(2)} s (${(Number(transitions) / seconds / 1e6).toFixed(1)} M/s)`;
  };
  const cells = [of((cost) => cost.seconds), of((cost) => cost.mainSeconds), of((cost) => cost.cpuSeconds)];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}

const folder = mkdtempSync(join(tmpdir(), 'gotape-ahead-'));
try {
  const path = join(folder, 'trace.gotape.zip');
  writeLongTrace(path, Number(transitions), await makeStretch(2000));
  const inside: Cost[] = [];
  const ahead: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    inside.push(await measure(path, undefined));
    ahead.push(await measure(path, oneThread));
  }
  console.log('| | time | CPU of the main thread | CPU of all threads |\n|---|---|---|---|');
  print('decoded where needed', inside);
  print('decoded ahead', ahead);
  const ratio = median(inside.map(({ seconds }, round) => seconds / ahead[round]!.seconds));
  console.log(`${ratio.toFixed(2)} times as fast (median of ${ROUNDS} pairs)`);
} finally {
  rmSync(folder, { recursive: true });
}
