/**
 * Slices per second of `convert --to chrome` and `--to perfetto` side by side, on a synthetic trace:
 *
 *     node --import tsx test/bench/convert-bench.ts
 *
 * Measured on two shared cores, Node 20: 3.4–3.5 M slices/s to Chrome JSON to nowhere, 2.9–3.4 M to a file (goal: 3);
 * to Perfetto 7.4–7.6 M per second of CPU (goal: 5) in the native layout, 1.9–2.9 M in the tree with its arrows.
 * On a machine that does other things at the same time, look at the rates per second of CPU.
 * "replay" is the same work without the converter; "to nowhere" formats every event and throws the bytes away.
 * A slice is what one is in the viewer: one of a goroutine, of a P, or a state of a thread.
 */
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace } from '../../src/cli/convert-trace.js';
import type { ByteSink } from '../../src/convert/byte-sink.js';
import { ChromeJson } from '../../src/convert/chrome-json.js';
import { planChrome } from '../../src/convert/chrome-plan.js';
import type { PerfettoAudit } from '../../src/convert/perfetto/audit.js';
import { perfettoFormat } from '../../src/convert/perfetto/perfetto-format.js';
import type { SpanSink } from '../../src/model/span-sink.js';
import type { GoroutineInfo } from '../../src/model/trace-facts.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { Replay } from '../../src/replay/replay.js';
import { replayTrace } from '../../src/replay/replay-trace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';

const source = withFunctions(syntheticTrace({ goroutines: 500, segments: 40, rowsPerSegment: 65_536 }));
const ROUNDS = 4;
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

async function convertToPerfetto(
  sink: ByteSink,
  layout: 'native' | 'tree',
): Promise<{ slices: number; bytes: number }> {
  let bytes = 0;
  const write = (chunk: Uint8Array) => {
    bytes += chunk.length;
    return sink.write(chunk);
  };
  const output = { create: async () => ({ write, close: async () => {} }) };
  const { report } = await convertTrace(perfettoFormat, source, output, { layout });
  const { slices, states, lives, runs, systemStack, flows } = report as PerfettoAudit;
  arrows = flows.arrows;
  return { slices: slices + states + lives.slices + systemStack.slices + (layout === 'tree' ? runs.spans : 0), bytes };
}

let arrows = 0;

/** `5.62 M slices`, per what is told. */
function rate(slices: number, seconds: number): string {
  return `${(slices / seconds / 1e6).toFixed(2)} M slices`;
}

async function timed(name: string, run: () => Promise<{ slices: number; bytes: number } | undefined>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const result = await run();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = (user + system) / 1e6;
    const text = result
      ? `${rate(result.slices, seconds)}/s, ${rate(result.slices, cpuSeconds)}/CPU-s, ${(result.bytes / 1e6).toFixed(0)} MB, ${arrows} arrows`
      : '';
    console.log(`${name.padEnd(25)} ${seconds.toFixed(2)} s (cpu ${cpuSeconds.toFixed(2)} s) ${text}`);
  }
}

await timed('replay', async () => {
  await replayTrace(source, new GoroutineTable(), noSink);
  return undefined;
});
type Convert = (sink: ByteSink) => Promise<{ slices: number; bytes: number }>;

async function toFile(run: Convert): Promise<{ slices: number; bytes: number }> {
  const path = join(tmpdir(), `gotape-bench-${process.pid}`);
  const file = await open(path, 'w');
  try {
    return await run({ write: async (bytes) => void (await file.write(bytes)) });
  } finally {
    await file.close();
    await rm(path);
  }
}

const formats: readonly (readonly [name: string, run: Convert])[] = [
  ['chrome', convert],
  ['perfetto', (sink) => convertToPerfetto(sink, 'native')],
  ['perfetto tree', (sink) => convertToPerfetto(sink, 'tree')],
];
for (const [name, run] of formats) {
  await timed(`${name}, to nowhere`, () => run(nowhere));
  await timed(`${name}, to a file`, () => toFile(run));
}
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, the trace itself included`);
