/**
 * How fast transitions become spans, and spans an analysis, from memory: `node --import tsx test/bench/replay-bench.ts`.
 * Columns are made beforehand; reading a file is not in these figures.
 */
import type { SpanSink } from '../../src/model/span-sink.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { replayTrace } from '../../src/replay/replay-trace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';

const ROUNDS = 24;
const SEGMENTS = 16;

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

for (const goroutines of (process.argv[2] ?? '100,1000,20000,200000').split(',').map(Number)) {
  const source = syntheticTrace({ goroutines, segments: SEGMENTS, rowsPerSegment: 65_536 });
  const rows = SEGMENTS * 65_536;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await replayTrace(source, new GoroutineTable(), countingSink());
    best = Math.min(best, performance.now() - start);
  }
  console.log(`replay, ${goroutines} goroutines at a time: ${(rows / best / 1000).toFixed(1)} M transitions/s`);
}
