/**
 * A long recording as a trace of Go, read back by Go's own reader: not part of the tests, because it takes minutes.
 *
 *     node --import tsx test/bench/gotrace-bench.ts [MILLIONS OF TRANSITIONS]
 *
 * Prints what the conversion took, and how far Go's figures are from replay's: time by goroutine and state. Readers move events
 * with equal times apart by 1 ns, so a small difference is theirs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileOutput } from '../../src/cli/convert-output.js';
import { convertTrace } from '../../src/cli/convert-trace.js';
import { gotraceFormat } from '../../src/convert/gotrace/gotrace-format.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { goTotals, replayTotals } from '../support/gotrace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { writeTraceFile } from '../support/trace-file.js';

const ROWS = 50_000;
const [, script, mode = '10', path = ''] = process.argv;

if (mode === 'make') {
  const segments = Number(process.argv[4]) * (1_000_000 / ROWS);
  await writeTraceFile(path, syntheticTrace({ goroutines: 2000, segments, rowsPerSegment: ROWS }));
} else await measure(mode);

async function measure(millions: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gotape-gotrace-bench-'));
  try {
    const file = join(folder, 'long.gotape.zip');
    // In a process of its own: the rows are all in memory there.
    const args = ['--import', 'tsx', fileURLToPath(new URL(`file://${script}`)), 'make', file, millions];
    if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0) throw new Error('no trace was made');
    await convertAndRead(file, join(folder, 'long.trace'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function convertAndRead(file: string, into: string): Promise<void> {
  using trace = await openTrace(file);
  const output = new FileOutput(into, true);
  const before = performance.now();
  const { report, counts } = await convertTrace(gotraceFormat, trace, output);
  await output.publish();
  const seconds = (performance.now() - before) / 1000;
  const bytes = statSync(into).size;
  console.log(report.summary());
  console.log(
    `${counts.transitions} transitions, ${bytes} bytes, ${(bytes / counts.transitions).toFixed(2)} per transition`,
  );
  console.log(`${seconds.toFixed(1)} s, ${(counts.transitions / seconds / 1e6).toFixed(2)} M transitions/s`);
  console.log(`${Math.round(process.resourceUsage().maxRSS / 1024)} MiB of memory`);
  const [read] = goTotals(into);
  const replayed = await replayTotals(trace);
  let largestNs = 0;
  for (const { goid, totals = {} } of read!) {
    const expected = replayed.get(goid) ?? {};
    for (const state of new Set([...Object.keys(totals), ...Object.keys(expected)])) {
      largestNs = Math.max(largestNs, Math.abs((totals[state] ?? 0) - (expected[state] ?? 0)));
    }
  }
  console.log(`${read!.length} goroutines read by Go, ${replayed.size} replayed; largest difference ${largestNs} ns`);
}
