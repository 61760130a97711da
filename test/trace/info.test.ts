/** `gotape info` on real traces, as text and as JSON. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ExitCode } from '../../src/base/errors.js';
import { runInfo, type TraceInfo } from '../../src/cli/info.js';

const folder = fileURLToPath(new URL('../../fixtures/', import.meta.url));

async function info(fixture: string, json: boolean): Promise<{ text: string; exitCode: number }> {
  const parts: string[] = [];
  const stdout = { write: (part: string) => parts.push(part) > 0 };
  const context = { stdout, stderr: stdout, env: {} } as unknown as Parameters<typeof runInfo>[0];
  const { exitCode } = await runInfo(context, { file: `${folder}${fixture}.gotape.zip`, json });
  return { text: parts.join('').replaceAll(folder, ''), exitCode };
}

test('the text of a whole trace', async () => {
  const { text, exitCode } = await info('go1.22-known', false);
  expect(text).toMatchSnapshot();
  expect(exitCode).toBe(ExitCode.ok);
});

test('the JSON of a whole trace', async () => {
  const { text } = await info('go1.22-known', true);
  expect(JSON.parse(text)).toMatchSnapshot();
});

test.each(['go1.26-lost', 'go1.27-cut-off'])('the text of %s says what is missing', async (fixture) => {
  const { text, exitCode } = await info(fixture, false);
  expect(text).toMatchSnapshot();
  expect(exitCode).toBe(ExitCode.dataLoss);
});

test.each(['go1.19-known', 'go1.22-known', 'go1.24-known', 'go1.27-known', 'go1.26-iter-pull', 'go1.26-tsc'])(
  '%s has lost nothing, and its counters balance',
  async (fixture) => {
    const { lost, losses, transitions, damage } = JSON.parse((await info(fixture, true)).text) as TraceInfo;
    expect({ lost, damage }).toEqual({ lost: 0, damage: [] });
    expectBalance(losses, transitions, lost);
  },
);

test('of a trace with losses every lost event lies in a gap', async () => {
  const { lost, losses, transitions } = JSON.parse((await info('go1.26-lost', true)).text) as TraceInfo;
  expect(lost).toBeGreaterThan(0);
  expectBalance(losses, transitions, lost);
});

/** The identities of docs/format.md, "Summary". */
function expectBalance(losses: TraceInfo['losses'], transitions: number, lost: number): void {
  const { hits, paired, submitted, dropped, faulted, filtered, folded } = losses!;
  expect(hits + paired).toBe(submitted + dropped + faulted + filtered);
  expect(submitted).toBe(transitions + folded);
  expect(dropped + faulted).toBe(lost);
}
