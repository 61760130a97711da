/** Transitions that a thread decodes are those that are decoded where they are needed. The thread is the compiled one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextTurn } from '../../../src/base/next-turn.js';
import { openTrace, type TraceFile } from '../../../src/trace/open-trace.js';
import { startDecodeAhead } from '../../../src/trace/parallel/decode-ahead.js';
import type { StartAhead, TransitionsAhead } from '../../../src/trace/parallel/transitions-ahead.js';
import { syntheticTrace } from '../../support/synthetic-trace.js';
import { writeTraceFile } from '../../support/trace-file.js';

const COMPILED = new URL('../../../dist/trace/parallel/decode-worker.js', import.meta.url);
const SEGMENTS = 40;
/** More than a thread is given room for. */
const LARGE_ROWS = 65_537;
const COLUMNS = ['timeNs', 'goid', 'pid', 'tid', 'cpu', 'p', 'from', 'to', 'reason', 'waker', 'wakeSource'] as const;

let folder: string;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-ahead-'));
  path = join(folder, 'trace.gotape.zip');
  await writeTraceFile(path, syntheticTrace({ goroutines: 50, segments: SEGMENTS, rowsPerSegment: 500 }));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Counts what threads made. The second segment waits until they have started. */
function counting(made: { segments: number }, worker = COMPILED, threads = 2): StartAhead {
  return (source, entries, decoding) => {
    const ahead = startDecodeAhead(source, entries, decoding, { worker, threads, minimumSegments: 1 });
    return ahead && countingOf(ahead, made);
  };
}

function countingOf(
  ahead: NonNullable<ReturnType<typeof startDecodeAhead>>,
  made: { segments: number },
): TransitionsAhead {
  return {
    async rows(position) {
      if (position === 1) await ahead.started;
      const rows = await ahead.rows(position);
      if (rows !== undefined) made.segments++;
      return rows;
    },
    [Symbol.dispose]: () => ahead[Symbol.dispose](),
  };
}

/** All that is read, copied. */
async function readAll(file: string, ahead?: StartAhead) {
  using trace: TraceFile = await openTrace(file);
  trace.ahead = ahead;
  const segments: unknown[] = [];
  for await (const { index, transitions, gaps } of trace.segments()) {
    const columns = COLUMNS.map((name) => Array.from(transitions[name].subarray(0, transitions.length)));
    segments.push({ index, gaps, columns });
    await nextTurn();
  }
  return { segments, damage: trace.damage, reasons: trace.reasons };
}

test('rows, reasons and their numbers are the same', async () => {
  const made = { segments: 0 };
  const read = await readAll(path, counting(made));
  expect(read).toEqual(await readAll(path));
  expect(made.segments).toBeGreaterThan(SEGMENTS / 2);
});

test('damage is told in the same words, and gaps are the same', async () => {
  const bytes = readFileSync(path);
  for (const at of [0.4, 0.5, 0.95]) bytes[Math.floor(bytes.length * at)]! ^= 0xff;
  const damaged = join(folder, 'damaged.gotape.zip');
  writeFileSync(damaged, bytes);
  const read = await readAll(damaged, counting({ segments: 0 }));
  expect(read).toEqual(await readAll(damaged));
  expect(read.damage.length).toBeGreaterThan(0);
});

test('a segment larger than those of gotape is decoded where it is needed', async () => {
  const large = join(folder, 'large.gotape.zip');
  await writeTraceFile(large, syntheticTrace({ goroutines: 50, segments: 2, rowsPerSegment: LARGE_ROWS }));
  const made = { segments: 0 };
  expect(await readAll(large, counting(made))).toEqual(await readAll(large));
  expect(made.segments).toBe(0);
});

test('a thread that dies costs nothing but its help', async () => {
  const dying = join(folder, 'dying.mjs');
  writeFileSync(
    dying,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', () => { throw new Error('dies'); });
     parentPort.postMessage('ready');`,
  );
  const made = { segments: 0 };
  const read = await readAll(path, counting(made, new URL(`file://${dying}`)));
  expect(read).toEqual(await readAll(path));
  expect(made.segments).toBe(0);
});

test('whoever stops reading early stops the threads', async () => {
  using trace = await openTrace(path);
  let isStopped = false;
  trace.ahead = (source, entries, decoding) => {
    const ahead = startDecodeAhead(source, entries, decoding, { worker: COMPILED, threads: 1, minimumSegments: 1 })!;
    const stop = () => {
      isStopped = true;
      ahead[Symbol.dispose]();
    };
    return { rows: (position) => ahead.rows(position), [Symbol.dispose]: stop };
  };
  for await (const _ of trace.segments()) break;
  expect(isStopped).toBe(true);
});

test('short traces, traces in memory and machines with one core are read without threads', async () => {
  const given: unknown[] = [];
  const tell =
    (options: object): StartAhead =>
    (source, entries, decoding) => {
      const ahead = startDecodeAhead(source, entries, decoding, { worker: COMPILED, threads: 1, ...options });
      given.push(ahead);
      return ahead;
    };
  await readAll(path, tell({}));
  await readAll(path, tell({ minimumSegments: 1, threads: 0 }));
  using inMemory = await openTrace(readFileSync(path));
  inMemory.ahead = tell({ minimumSegments: 1 });
  for await (const _ of inMemory.segments());
  expect(given).toEqual([undefined, undefined, undefined]);
});
