/**
 * The time and the memory that `gotape analyze` takes, by the length of a trace:
 *
 *     npm run build && npm run bench:long -- [--goroutines 2000] [--keep FOLDER] 1e6 1e7 1e8 1e9
 *
 * For each length it writes a trace into the temporary folder (7 bytes a transition: its times and ids are random), analyzes it in a process
 * of its own, and deletes it. Up to 1e7 transitions the trace is verified first.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeStretch, type Stretch } from './endless-segments.js';
import { writeLongTrace } from './write-long-trace.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    goroutines: { type: 'string', default: '2000' },
    /** Another build of gotape. */
    gotape: { type: 'string', default: fileURLToPath(new URL('../../../dist/main.js', import.meta.url)) },
    /** Leaves the traces there. */
    keep: { type: 'string' },
  },
});
const MAXIMUM_VERIFIED = 1e7;
const BYTES_PER_TRANSITION = 8;

interface ChildRun {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** Runs gotape under time(1), which knows the largest memory of the process. */
function runGotape(...args: readonly string[]): ChildRun {
  const before = performance.now();
  const { status, stderr } = spawnSync('/usr/bin/time', ['-f', '%M %U %S', process.execPath, values.gotape, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`gotape ${args.join(' ')} ended with ${status}: ${stderr}`);
  const [peakKiB, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return {
    seconds: (performance.now() - before) / 1000,
    cpuSeconds: user! + system!,
    peakMiB: peakKiB! / 1024,
  };
}

function measure(folder: string, transitions: number, stretch: Stretch): void {
  const path = join(folder, `${transitions}.gotape.zip`);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < transitions * BYTES_PER_TRANSITION) {
    console.log(`| ${transitions} | not run: ${folder} has no room for it |`);
    return;
  }
  writeLongTrace(path, transitions, stretch);
  try {
    const { size } = statSync(path);
    if (transitions <= MAXIMUM_VERIFIED) runGotape('verify', path);
    const { seconds, cpuSeconds, peakMiB } = runGotape('analyze', path);
    const rate = (duration: number) => (transitions / duration / 1e6).toFixed(1);
    const cells = [
      transitions.toExponential(0).replace('+', ''),
      `${(size / 1e6).toFixed(0)} MB`,
      `${seconds.toFixed(1)} s`,
      `${rate(seconds)} M/s`,
      `${rate(cpuSeconds)} M/s`,
      `${peakMiB.toFixed(0)} MiB`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  } finally {
    if (values.keep === undefined) rmSync(path);
  }
}

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'gotape-long-'));
try {
  const stretch = await makeStretch(Number(values.goroutines));
  console.log('| transitions | file | time | per second | per CPU second | peak memory |\n|---|---|---|---|---|---|');
  for (const length of positionals) measure(folder, Number(length), stretch);
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}
