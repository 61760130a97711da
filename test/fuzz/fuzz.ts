/**
 * Hostile traces by the hundred thousand, in processes of their own: one that hangs or runs out of memory is ended and
 * its mutant named.
 *
 *     npm run fuzz -- --minutes 10 [--seed 1] [--workers 2]      until the time is over
 *     npm run fuzz -- --only 12345                               one mutant again
 */
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Progress } from './worker.js';

export interface FuzzPlan {
  readonly firstMutant: number;
  readonly mutants: number;
  readonly seconds: number;
  readonly workers: number;
}

export interface FuzzResult {
  readonly mutants: number;
  readonly seconds: number;
  readonly slowestMs: number;
  readonly slowest: number;
  readonly peakRssBytes: number;
  readonly failures: readonly { readonly mutant: number; readonly error: string }[];
}

/** Longer than any mutant may take, with room for a machine that does other things. */
const HANG_MS = 30_000;
/** Of V8's heap: less than any machine that reads traces has. */
const HEAP_MIB = 512;

export async function fuzz(plan: FuzzPlan): Promise<FuzzResult> {
  const started = performance.now();
  const results = await Promise.all(Array.from({ length: plan.workers }, (_, worker) => runWorker(plan, worker)));
  const worst = results.reduce((a, b) => (b.slowestMs > a.slowestMs ? b : a));
  return {
    mutants: results.reduce((sum, { done }) => sum + done, 0),
    seconds: (performance.now() - started) / 1000,
    slowestMs: worst.slowestMs,
    slowest: worst.slowest,
    peakRssBytes: Math.max(...results.map(({ peakRssBytes }) => peakRssBytes)),
    failures: results.flatMap(({ failures }) => failures),
  };
}

function runWorker({ firstMutant, mutants, seconds, workers }: FuzzPlan, worker: number): Promise<Progress> {
  const args = [firstMutant + worker, workers, Math.ceil(mutants / workers), seconds].map(String);
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), args, {
    execArgv: [`--max-old-space-size=${HEAP_MIB}`, '--import', 'tsx'],
  });
  let last: Progress = {
    done: 0,
    current: firstMutant,
    slowestMs: 0,
    slowest: 0,
    peakRssBytes: 0,
    failures: [],
    isLast: false,
  };
  return new Promise((resolve) => {
    let why = 'ended by itself';
    const hang = () => {
      why = `took more than ${HANG_MS / 1000} s`;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hang, HANG_MS);
    child.on('message', (progress: Progress) => {
      last = progress;
      clearTimeout(timer);
      timer = setTimeout(hang, HANG_MS);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      const failure = {
        mutant: last.current,
        error: `the worker ${why} (${signal ?? code}) at this mutant or soon after`,
      };
      resolve(last.isLast ? last : { ...last, failures: [...last.failures, failure] });
    });
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
      workers: { type: 'string', default: String(cpus().length) },
      only: { type: 'string' },
    },
  });
  const one = values.only === undefined ? undefined : Number(values.only);
  const result = await fuzz({
    firstMutant: one ?? Number(values.seed) * 1000,
    mutants: one === undefined ? Number.MAX_SAFE_INTEGER : 1,
    seconds: Number(values.minutes) * 60,
    workers: one === undefined ? Number(values.workers) : 1,
  });
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  process.exitCode = result.failures.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
