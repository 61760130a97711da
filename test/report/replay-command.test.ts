import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ExitCode } from '../../src/base/errors.js';
import { planReplay, printTransitions, type ReplayArgs } from '../../src/cli/replay.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';

const TRACE = `
  1000000 7 dead runnable
  2000000 8 dead runnable
  segment
  3000000 7 runnable running
  90000000 7 running dead
  end 90000000
`;
const ALL: ReplayArgs = { file: 'x', speed: undefined, goid: undefined, from: undefined, to: undefined, json: false };

async function printed(args: Partial<ReplayArgs>): Promise<string[]> {
  const stdout = new PassThrough();
  const output = text(stdout);
  await printTransitions(stdout, textTrace(TRACE), planReplay({ ...ALL, ...args }));
  stdout.end();
  return (await output).split('\n').slice(0, -1);
}

test('prints every transition in order', async () => {
  expect((await printed({})).map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
    '0.001000000 DEAD(6) RUNNABLE(1) 7',
    '0.002000000 DEAD(6) RUNNABLE(1) 8',
    '0.003000000 RUNNABLE(1) RUNNING(2) 7',
    '0.090000000 RUNNING(2) DEAD(6) 7',
  ]);
});

test('prints one goroutine, or a stretch of time with both its ends', async () => {
  expect(await printed({ goid: 8 })).toHaveLength(1);
  expect(await printed({ from: '2ms', to: '3ms' })).toHaveLength(2);
  expect(await printed({ from: '91ms' })).toHaveLength(0);
});

test('is paced as it happened, or faster', async () => {
  const timeAt = async (speed: number) => {
    const start = performance.now();
    await printed({ speed, goid: 7 });
    return performance.now() - start;
  };
  expect(await timeAt(1)).toBeGreaterThanOrEqual(87);
  const fast = [await timeAt(10), await timeAt(10), await timeAt(10), await timeAt(10)];
  expect(Math.min(...fast)).toBeGreaterThanOrEqual(7);
  // On a busy machine one may be late, but not all.
  expect(Math.min(...fast)).toBeLessThan(88);
});

test('shows what has happened before it waits for what comes', async () => {
  const stdout = new PassThrough();
  const done = printTransitions(stdout, textTrace(TRACE), planReplay({ ...ALL, speed: 1 }));
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(String(stdout.read()).split('\n')).toHaveLength(4);
  await done;
});

test('waits for a reader that is slow: memory does not hold the trace', async () => {
  let buffered = 0;
  const stdout = new Writable({
    highWaterMark: 1024,
    write(_chunk, _encoding, done) {
      buffered = Math.max(buffered, this.writableLength);
      setImmediate(done);
    },
  });
  await printTransitions(
    stdout,
    syntheticTrace({ goroutines: 10, segments: 2, rowsPerSegment: 20_000 }),
    planReplay(ALL),
  );
  expect(buffered).toBeLessThan(200_000);
});

test('a reader that goes away ends it with the error that the command takes for the end', async () => {
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  });
  await expect(printTransitions(stdout, textTrace(TRACE), planReplay(ALL))).rejects.toMatchObject({ code: 'EPIPE' });
});

test.each([
  { speed: 0 },
  { speed: -1 },
  { speed: Number.NaN },
  { goid: 0 },
  { goid: 1.5 },
  { from: '10' },
  { to: 'soon' },
])('%j is refused as wrong usage', (args) => {
  expect(() => planReplay({ ...ALL, ...args })).toThrow(expect.objectContaining({ exitCode: ExitCode.usage }));
});
