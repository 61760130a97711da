/**
 * How fast transitions become spans, and spans an analysis, from memory: `node --import tsx test/bench/replay-bench.ts`.
 * Columns are made beforehand; reading a file is not in these figures.
 */
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import type { SpanSink } from '../../src/model/span-sink.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { replayTrace } from '../../src/replay/replay-trace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';

const ROUNDS = 12;
const SEGMENTS = 32;
const ROWS = 65_536;

function countingSink(): SpanSink & { spans: number } {
  return {
    spans: 0,
    begin() {},
    span() {
      this.spans++;
    },
    systemStack() {},
    end() {},
  };
}

async function best(work: () => Promise<unknown>): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    bestMs = Math.min(bestMs, performance.now() - start);
  }
  return bestMs;
}

const sizes = (process.argv[2] ?? '100,1000,20000').split(',').map(Number);
for (const goroutines of sizes) {
  const source = syntheticTrace({ goroutines, segments: SEGMENTS, rowsPerSegment: ROWS });
  const rate = (ms: number) => `${((SEGMENTS * ROWS) / ms / 1000).toFixed(1)} M transitions/s`;
  const replay = await best(() => replayTrace(source, new GoroutineTable(), countingSink()));
  const analysis = await best(() => analyzeTrace(source, { top: 10 }));
  console.log(`${goroutines} goroutines: replay ${rate(replay)}, replay and analysis ${rate(analysis)}`);
}
