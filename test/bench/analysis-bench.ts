/**
 * How fast the analysis is beside what limits it and what there is otherwise, on the same transitions in memory:
 *
 *     npm run bench:analysis
 *
 * - a loop in C over the same columns (`test/bench/sum-times`): the limit;
 * - Go's own reader, golang.org/x/exp/trace, on the same transitions as a trace of Go (`test/bench/gotrace-rate`).
 *
 * Both sum the time of each goroutine in each state, and nothing else. All figures are CPU time, the fastest round of each turn; turns
 * alternate, and the median of them is told.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { FileOutput } from '../../src/cli/convert-output.js';
import { convertTrace } from '../../src/cli/convert-trace.js';
import { gotraceFormat } from '../../src/convert/gotrace/gotrace-format.js';
import type { TraceSegment, TraceSource } from '../../src/model/trace-segment.js';
import type { TransitionBatch } from '../../src/model/transition-batch.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { replayTrace } from '../../src/replay/replay-trace.js';
import { buildGoModule } from '../support/go-build.js';
import { longFacts, makeStretch } from './long/endless-segments.js';

const GOROUTINES = 1000;
const SEGMENTS = 64;
const ROWS = 65_536;
const TURNS = 5;
const ROUNDS = 8;
/** What the default summary asks of replay. */
const NO_SINK = { timesOnly: true, begin() {}, span() {}, systemStack() {}, end() {} };

async function makeSource(): Promise<{ source: TraceSource; batches: TransitionBatch[] }> {
  const stretch = await makeStretch(GOROUTINES);
  const segments = Array.from({ length: SEGMENTS }, (_, index): TraceSegment => {
    const { rows } = stretch.segment(index, ROWS);
    return { index, transitions: rows, goroutines: index === 0 ? stretch.goroutines : [], gaps: [] };
  });
  const batches = segments.map(({ transitions }) => transitions);
  const last = batches.at(-1)!;
  const source: TraceSource = {
    facts: longFacts,
    reasons: stretch.reasons,
    endNs: last.timeNs[last.length - 1]! + 1000,
    async *segments() {
      yield* segments;
    },
  };
  return { source, batches };
}

/** The columns as `sum-times/main.c` reads them. */
function dumpColumns(path: string, batches: readonly TransitionBatch[], rows: number): void {
  const fd = openSync(path, 'w');
  const write = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    void writeSync(fd, new Uint8Array(buffer, byteOffset, byteLength));
  write(BigUint64Array.of(BigInt(GOROUTINES + 1), BigInt(rows)));
  for (const column of ['timeNs', 'goid', 'from', 'to'] as const)
    for (const batch of batches) write(batch[column].subarray(0, batch.length));
  closeSync(fd);
}

/** The first number that a program prints: seconds of CPU. */
function secondsOf(program: string, file: string): number {
  return Number(execFileSync(program, [file, String(ROUNDS)], { encoding: 'utf8' }).split(' ')[0]);
}

async function fastest(work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** In a process that does nothing else: the engine makes its code for what it sees, and gotape has one sink at a time. */
const WORK = {
  replay: (source: TraceSource) => replayTrace(source, new GoroutineTable(), NO_SINK),
  analyze: (source: TraceSource) => analyzeTrace(source, { top: 10 }),
};
type Work = keyof typeof WORK;

const script = fileURLToPath(import.meta.url);
const ownSeconds = (work: Work) =>
  Number(execFileSync(process.execPath, ['--import', 'tsx', script, work], { encoding: 'utf8' }));

function rateTable(rows: number, secondsByName: ReadonlyMap<string, readonly number[]>): string {
  const rates = [...secondsByName].map(([name, seconds]) => ({ name, rate: rows / median(seconds) / 1e6 }));
  const limit = rates[0]!.rate;
  const lines = rates.map(
    ({ name, rate }) => `| ${name} | ${rate.toFixed(1)} | ${((100 * rate) / limit).toFixed(0)} % |`,
  );
  return ['| | M transitions per second of CPU | of the limit |', '|---|---|---|', ...lines].join('\n');
}

async function measure(folder: string): Promise<void> {
  const { source, batches } = await makeSource();
  const rows = batches.reduce((sum, { length }) => sum + length, 0);
  const [columns, goTrace, sumTimes] = [join(folder, 'columns'), join(folder, 'go.trace'), join(folder, 'sum-times')];
  dumpColumns(columns, batches, rows);
  const code = fileURLToPath(new URL('sum-times/main.c', import.meta.url));
  execFileSync('gcc', ['-O2', '-march=native', '-o', sumTimes, code], { stdio: 'inherit' });
  const output = new FileOutput(goTrace, true);
  await convertTrace(gotraceFormat, source, output);
  await output.publish();
  const goReader = buildGoModule('bench/gotrace-rate');
  const ways: readonly (readonly [name: string, run: () => number])[] = [
    ['a loop in C', () => secondsOf(sumTimes, columns)],
    ['replay alone', () => ownSeconds('replay')],
    ['**`gotape analyze`, from memory**', () => ownSeconds('analyze')],
    ["Go's own reader", () => secondsOf(goReader, goTrace)],
  ];
  const seconds = new Map<string, number[]>(ways.map(([name]) => [name, []]));
  for (let turn = 0; turn < TURNS; turn++) for (const [name, run] of ways) seconds.get(name)!.push(run());
  console.log(rateTable(rows, seconds));
}

async function measureInScratch(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gotape-analysis-'));
  try {
    await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [, , work] = process.argv;
if (work === 'replay' || work === 'analyze') {
  const { source } = await makeSource();
  console.log(await fastest(() => WORK[work](source)));
} else await measureInScratch();
