/** `gotape info` on real traces, as text and as JSON. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ExitCode } from '../../src/base/errors.js';
import { runInfo, type TraceInfo } from '../../src/cli/info.js';
import { uint32Column } from '../../src/trace/arrow-columns.js';
import { encodeTable } from '../../src/trace/arrow-file.js';
import { textTrace } from '../support/text-trace.js';
import { pack, testFacts, unpack, writeTrace } from './memory-file.js';

/** As somebody in the project would write it: the text is wrapped where the path ends, which must be the same everywhere. */
const folder = `${relative(process.cwd(), fileURLToPath(new URL('../../fixtures/', import.meta.url)))}/`;

const info = (fixture: string, json: boolean) => infoOf(`${folder}${fixture}.gotape.zip`, json);

async function infoOf(file: string, json: boolean): Promise<{ text: string; exitCode: number }> {
  const parts: string[] = [];
  const stdout = { write: (part: string) => parts.push(part) > 0 };
  const context = { stdout, stderr: stdout, env: {} } as unknown as Parameters<typeof runInfo>[0];
  const { exitCode } = await runInfo(context, { file, json });
  return { text: parts.join('').replace(folder, ''), exitCode };
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

test.each([
  'go1.19-known',
  'go1.22-known',
  'go1.24-known',
  'go1.27-known',
  'go1.26-iter-pull',
  'go1.26-tsc',
])('%s has lost nothing, and its counters balance', async (fixture) => {
  const { lost, losses, transitions, damage } = JSON.parse((await info(fixture, true)).text) as TraceInfo;
  expect({ lost, damage }).toEqual({ lost: 0, damage: [] });
  expectBalance(losses, transitions, lost);
});

test('of a trace with losses every lost event lies in a gap', async () => {
  const { lost, losses, transitions } = JSON.parse((await info('go1.26-lost', true)).text) as TraceInfo;
  expect(lost).toBeGreaterThan(0);
  expectBalance(losses, transitions, lost);
});

test('nothing in a file reaches the terminal as a control character', async () => {
  const evil = '\u001b[2J\u0007\u009b31m\u202e\n';
  const target = {
    ...testFacts().targets[0]!,
    executable: evil,
    commandLine: [evil],
    goVersion: evil,
    warnings: [evil],
  };
  const facts = testFacts({
    producer: evil,
    host: { hostname: evil, kernel: evil, arch: evil, bootId: evil, cpus: 1 },
    targets: [{ ...target, layout: [{ name: 'g.goid', offset: 1, source: evil }] }],
    probes: [{ symbol: evil, attached: false, offset: 0, instruction: evil, emulated: true, why: evil }],
    invisible: [evil],
    notes: [evil],
  });
  const rows = `1 1 running waiting reason=${evil.trim()}\nend 5`;
  const entries = unpack(await writeTrace(textTrace(rows), facts));
  const column = encodeTable([uint32Column(evil, Uint32Array.of(1))], 1, new Map(), 1);
  entries.push({ name: evil, bytes: Buffer.from('x') }, { name: 'gaps/000009.arrow', bytes: column });
  const folder = mkdtempSync(join(tmpdir(), 'gotape-info-'));
  const file = join(folder, 'evil.gotape.zip');
  writeFileSync(file, pack(entries));
  const { text } = await infoOf(file, false);
  rmSync(folder, { recursive: true });
  expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  expect(text).toContain('DAMAGE');
  expect(text).not.toContain('\n31m');
});

/** The identities of docs/format.md, "Summary". */
function expectBalance(losses: TraceInfo['losses'], transitions: number, lost: number): void {
  const { hits, paired, submitted, dropped, faulted, filtered, folded } = losses!;
  expect(hits + paired).toBe(submitted + dropped + faulted + filtered);
  expect(submitted).toBe(transitions + folded);
  expect(dropped + faulted).toBe(lost);
}
