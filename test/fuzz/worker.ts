/** Reads mutants `first`, `first + step`, … until a time or a number is reached; tells its parent how it goes. */
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCorpus } from './corpus.js';
import { mutant } from './mutations.js';
import { Random } from './random.js';
import { expectAnswer } from './target.js';

export interface Progress {
  readonly done: number;
  /** Number of the mutant at hand. */
  readonly current: number;
  readonly slowestMs: number;
  readonly slowest: number;
  readonly peakRssBytes: number;
  readonly failures: readonly { readonly mutant: number; readonly error: string }[];
  readonly isLast: boolean;
}

const [first = 0, step = 1, count = 1, seconds = 60] = process.argv.slice(2).map(Number);
const scratch = join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `gotape-fuzz-${process.pid}.gotape.zip`);
const TELL_EVERY_MS = 500;
const MAXIMUM_FAILURES = 5;

const corpus = await loadCorpus();
const failures: { mutant: number; error: string }[] = [];
const started = performance.now();
let told = 0;
let done = 0;
let slowest = { ms: 0, mutant: 0 };
let current = first;

const tell = (isLast: boolean) => {
  told = performance.now();
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  process.send?.({ done, current, slowestMs: slowest.ms, slowest: slowest.mutant, peakRssBytes, failures, isLast });
};

for (; done < count && performance.now() - started < seconds * 1000; done++, current += step) {
  if (performance.now() - told > TELL_EVERY_MS) tell(false);
  const random = new Random(current);
  const began = performance.now();
  try {
    await expectAnswer(mutant(random.pick(corpus), random), current, scratch);
  } catch (error) {
    failures.push({ mutant: current, error: error instanceof Error ? `${error.stack}` : String(error) });
    if (failures.length >= MAXIMUM_FAILURES) break;
  }
  const ms = performance.now() - began;
  if (ms > slowest.ms) slowest = { ms, mutant: current };
}
tell(true);
rmSync(scratch, { force: true });
process.disconnect?.();
