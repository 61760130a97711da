/**
 * Slices per second of `convert --to chrome`, on a synthetic trace:
 *
 *     node --import tsx test/bench/convert-bench.ts
 *
 * Measured on two shared cores, Node 20: 3.4–3.5 M slices/s to nowhere, 2.9–3.4 M to a file (goal: 3).
 * "replay" is the same work without the converter; "to nowhere" formats every event and throws the bytes away.
 */
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSink } from '../../src/convert/byte-sink.js';
import { ChromeJson } from '../../src/convert/chrome-json.js';
import { planChrome } from '../../src/convert/chrome-plan.js';
import type { SpanSink } from '../../src/model/span-sink.js';
import type { GoroutineInfo } from '../../src/model/trace-facts.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { Replay } from '../../src/replay/replay.js';
import { replayTrace } from '../../src/replay/replay-trace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';

const source = withFunctions(syntheticTrace({ goroutines: 500, segments: 40, rowsPerSegment: 65_536 }));
const nowhere: ByteSink = { write: async () => {} };
const noSink: SpanSink = { begin() {}, span() {}, systemStack() {}, end() {} };

/** Goroutines get start functions, as in most real traces. */
function withFunctions(unnamed: TraceSource): TraceSource {
  const infoOf = (goid: number): GoroutineInfo => ({
    pid: 4242,
    goid,
    firstSeenNs: 0,
    origin: 'created',
    parentGoid: 1,
    startFunction: `example.com/service/worker.(*Pool${goid % 20}).run`,
    createdBy: '',
  });
  return {
    ...unnamed,
    async *segments() {
      let seen = 0;
      for await (const segment of unnamed.segments()) {
        const first = seen + 1;
        seen = segment.transitions.goid.reduce((max, goid) => Math.max(max, goid), seen);
        yield { ...segment, goroutines: Array.from({ length: seen + 1 - first }, (_, i) => infoOf(first + i)) };
      }
    },
  };
}

async function convert(sink: ByteSink): Promise<{ slices: number; bytes: number }> {
  const goroutines = new GoroutineTable();
  const plan = await planChrome(source);
  const output = { create: async () => ({ write: (bytes: Uint8Array) => sink.write(bytes), close: async () => {} }) };
  const { facts, reasons } = source;
  const chrome = await ChromeJson.create({ facts, reasons, goroutines, plan, output });
  const replay = new Replay(reasons, goroutines, chrome);
  for await (const segment of source.segments()) {
    replay.segment(segment);
    await chrome.drain();
  }
  replay.finish(source.endNs);
  const { slices, ps, systemStack, lives, flows } = await chrome.finish(source.endNs);
  arrows = flows.arrows;
  return { slices: slices + ps.slices + systemStack.slices + lives.slices, bytes: chrome.writtenBytes };
}

let arrows = 0;

async function timed(name: string, run: () => Promise<{ slices: number; bytes: number } | undefined>): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const start = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const result = await run();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const { user, system } = process.cpuUsage(cpu);
    const rate = result
      ? `${(result.slices / seconds / 1e6).toFixed(2)} M slices/s, ${(result.bytes / 1e6).toFixed(0)} MB, ${arrows} arrows`
      : '';
    console.log(`${name.padEnd(12)} ${seconds.toFixed(2)} s (cpu ${((user + system) / 1e6).toFixed(2)} s) ${rate}`);
  }
}

await timed('replay', async () => {
  await replayTrace(source, new GoroutineTable(), noSink);
  return undefined;
});
await timed('to nowhere', () => convert(nowhere));
await timed('to a file', async () => {
  const path = join(tmpdir(), `gotape-bench-${process.pid}.json`);
  const file = await open(path, 'w');
  try {
    return await convert({ write: async (bytes) => void (await file.write(bytes)) });
  } finally {
    await file.close();
    await rm(path);
  }
});
