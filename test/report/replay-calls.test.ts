import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { planReplay, type ReplayArgs } from '../../src/cli/replay.js';
import { printCalls } from '../../src/cli/replay-calls.js';
import { DETAILS, detailedTrace } from '../support/detailed-trace.js';

const ALL: ReplayArgs = { file: 'x', speed: undefined, goid: undefined, from: undefined, to: undefined, json: false };

async function printed(args: Partial<ReplayArgs>): Promise<string[]> {
  const stdout = new PassThrough();
  const output = text(stdout);
  expect(await printCalls(stdout, detailedTrace(100, 2), planReplay({ ...ALL, ...args }))).toBe(0);
  stdout.end();
  return (await output).split('\n').slice(0, -1);
}

test('prints every call in the order of their ends', async () => {
  expect((await printed({})).slice(0, 2)).toEqual([
    '0.001001000 0.001002000 returned 1 1 4242 4242 main.inner(n=3 name="x")',
    '0.001000500 0.001040000 returned 0 1 4242 4242 main.outer()',
  ]);
});

test('shows no control character of a name or an argument', async () => {
  expect((await printed({}))[2]).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test('prints calls that overlap the time, or of one goroutine', async () => {
  expect(await printed({ from: '1.045ms' })).toHaveLength(1);
  expect(await printed({ from: '1.003ms', to: '1.01ms' })).toHaveLength(1);
  expect(await printed({ goid: 2 })).toHaveLength(0);
});

test('prints calls as JSON', async () => {
  expect(JSON.parse((await printed({ json: true }))[0]!)).toEqual(DETAILS.calls?.[0]);
});
