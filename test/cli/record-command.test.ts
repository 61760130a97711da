/** `record -- COMMAND` is the command, seen from outside: its streams, its status, its signals. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { Folder, gotape, infoOf, type Running, startGotape } from './gotape.js';

const folder = new Folder();
const trace = folder.file('a.gotape.zip');
const recordGuest = (...args: readonly string[]) => ['record', '--force', '-o', trace, '--', './guest', ...args];
const start = (...args: readonly string[]) => startGotape(recordGuest(...args), { cwd: folder.path });

beforeAll(() => void folder.guest());
afterAll(() => folder[Symbol.dispose]());

async function expectComplete(stopReason: string): Promise<void> {
  const info = await infoOf(trace);
  expect(info).toMatchObject({ stopReason, damage: [], lost: 0 });
  expect(info.transitions).toBeGreaterThan(10);
}

describeWithBpf('gotape record -- COMMAND', () => {
  test.each([0, 3, 7])('ends with the command’s status %i', async (status) => {
    expect(await start('exit', String(status)).finished).toMatchObject({ status, stdout: '' });
    await expectComplete('target exited');
  });

  test('ends with 128 and the number of the signal that ended the command', async () => {
    expect(await start('abort').finished).toMatchObject({ status: 128 + 15 });
    await expectComplete('target exited');
  });

  test('hands stdin, stdout and stderr through', async () => {
    const run = await gotape(recordGuest('echo'), { cwd: folder.path, input: 'one\ntwo\n' });
    expect(run).toMatchObject({ status: 0, stdout: 'one\ntwo\n' });
    expect(run.stderr).toMatch(/^to stderr\ngotape: /);
  });

  test('leaves every argument behind -- to the command', async () => {
    const run = await start('exit', '4', '--help', '--version', '-q').finished;
    expect(run).toMatchObject({ status: 4, stdout: '' });
  });

  test.each([
    ['SIGINT', 'interrupt'],
    ['SIGTERM', 'terminated'],
  ] as const)('hands %s on, and records until the command has dealt with it', async (signal, said) => {
    const recorder = start('tick');
    await recorder.said('ready');
    recorder.child.kill(signal);
    expect(await recorder.finished).toMatchObject({ status: 5, stdout: `ready\n${said}\n` });
    await expectComplete('target exited');
  });

  test('with -d ends when the time is over; the command runs on', async () => {
    const options = ['record', '--force', '-o', trace, '-d', '300ms', '--', './guest', 'tick'];
    const recorder = startGotape(options, { cwd: folder.path });
    const guest = Number(await recorder.said(/the command \(process (\d+)\) runs on/));
    const { status } = await exitOf(recorder);
    expect(status).toBe(0);
    expect(readFileSync(`/proc/${guest}/comm`, 'utf8')).toBe('guest\n');
    process.kill(guest, 'SIGKILL');
    await expectComplete('duration reached');
  });

  test('told to end before the command began ends both, and leaves nothing stopped', async () => {
    const recorder = start('tick');
    const guest = await firstChild(recorder);
    recorder.child.kill('SIGINT');
    const { status } = await recorder.finished;
    // Before it asks for the signal, or after that.
    expect([128 + 2, 5]).toContain(status);
    expect(() => process.kill(guest, 0)).toThrow('ESRCH');
    expect(await infoOf(trace)).toMatchObject({ stopReason: 'target exited', damage: [] });
  });
});

/** Of the process: its streams are held open by the command. */
function exitOf({ child }: Running): Promise<{ status: number | null }> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve({ status: child.exitCode });
    else child.on('exit', (status) => resolve({ status }));
  });
}

/** The command while it waits for its probes. */
async function firstChild({ child }: Running): Promise<number> {
  for (;;) {
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    if (children !== '') return Number(children.split(' ')[0]);
    await sleep(5);
  }
}
