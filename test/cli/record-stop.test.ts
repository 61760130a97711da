/** However a recording ends, its file is complete and says why it ended. */
import { rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { Folder, GOTAPE, gotape, infoOf, start, startGotape, startGuest } from './gotape.js';

const folder = new Folder();
const trace = folder.file('a.gotape.zip');
/** In which a guest changes its state a few times. */
const A_WHILE_MS = 700;

beforeAll(() => void folder.guest());
afterAll(() => folder[Symbol.dispose]());

/** The header is written when the probes are in place. */
async function untilRecorded(): Promise<void> {
  while ((statSync(trace, { throwIfNoEntry: false })?.size ?? 0) === 0) await sleep(20);
  await sleep(A_WHILE_MS);
}

const recordOf = (pid: number | undefined, ...options: readonly string[]) =>
  startGotape(['record', '--force', '-o', trace, '-p', String(pid), ...options]);

async function expectComplete(stopReason: string | RegExp): Promise<void> {
  const info = await infoOf(trace);
  expect(info).toMatchObject({ damage: [], lost: 0 });
  expect(info.stopReason).toMatch(stopReason);
  expect(info.transitions).toBeGreaterThan(10);
}

describeWithBpf('gotape record -p of a running program', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends by %s, and leaves the program alone', async (signal) => {
    using guest = await startGuest(folder.file('guest'), 'tick');
    rmSync(trace, { force: true });
    const recorder = recordOf(guest.child.pid);
    await untilRecorded();
    recorder.child.kill(signal);
    const run = await recorder.finished;
    expect(run).toMatchObject({ status: 0, stdout: '' });
    expect(run.stderr).toMatch(new RegExp(`stopped: ${signal}\n`));
    expect(guest.child.exitCode).toBeNull();
    await expectComplete(signal);
  });

  test('ends after -d', async () => {
    using guest = await startGuest(folder.file('guest'), 'tick');
    expect(await recordOf(guest.child.pid, '-d', '500ms').finished).toMatchObject({ status: 0 });
    await expectComplete('duration reached');
    const { durationNs } = await infoOf(trace);
    expect(durationNs).toBeGreaterThan(500e6);
    expect(durationNs).toBeLessThan(1500e6);
  });

  test('ends at --max-size', async () => {
    using guest = await startGuest(folder.file('guest'), 'churn');
    expect(await recordOf(guest.child.pid, '--max-size', '200K', '--buffer', '64M').finished).toMatchObject({
      status: 0,
    });
    await expectComplete('size reached (200.0 KiB)');
    expect((await infoOf(trace)).bytes).toBeGreaterThan(200 * 1024);
  });

  test('ends with the program', async () => {
    using guest = await startGuest(folder.file('guest'), 'tick');
    rmSync(trace, { force: true });
    const recorder = recordOf(guest.child.pid);
    await untilRecorded();
    guest.child.kill('SIGKILL');
    expect(await recorder.finished).toMatchObject({ status: 0 });
    await expectComplete('target exited');
  });

  test('goes on when nobody reads what it says', async () => {
    using guest = await startGuest(folder.file('guest'), 'tick');
    const command = [process.execPath, GOTAPE, 'record', '--force', '-o', trace, '-v', '-d', '300ms'];
    const line = `"$@" 2>&1 >/dev/null | true; exit \${PIPESTATUS[0]}`;
    const run = await start(['bash', '-c', line, 'bash', ...command, '-p', String(guest.child.pid)]).finished;
    expect(run).toEqual({ status: 0, stdout: '', stderr: '' });
    await expectComplete('duration reached');
  });
});

describeWithBpf('gotape record -e', () => {
  test('records every process of the file that starts later, with the file’s path', async () => {
    const path = folder.guest('later');
    const args = ['record', '--force', '-o', trace, '-e', 'later', '--note', 'two of them', '--note', 'später'];
    rmSync(trace, { force: true });
    const recorder = startGotape(args, { cwd: folder.path });
    await untilRecorded();
    const started = [start([path, 'exit', '0']), start([path, 'exit', '0'])];
    await Promise.all(started.map(({ finished }) => finished));
    recorder.child.kill('SIGINT');
    expect(await recorder.finished).toMatchObject({ status: 0 });
    await expectComplete('SIGINT');
    const info = await infoOf(trace);
    expect(info.header.notes).toEqual(['two of them', 'später']);
    expect(info.header.targets).toMatchObject([{ executable: path }]);
    const { stdout } = await gotape(['replay', '--json', trace]);
    const pids = new Set(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { pid: number }).pid),
    );
    expect([...pids].toSorted()).toEqual(started.map(({ child }) => child.pid ?? 0).toSorted());
  });
});

describeWithBpf('what gotape record says', () => {
  const command = ['record', '--force', '-o', trace];

  test('is nothing with -q', async () => {
    const run = await gotape([...command, '-q', '--', folder.file('guest'), 'exit', '0']);
    expect(run).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('is, without a terminal, its report alone', async () => {
    const { stderr } = await gotape([...command, '--', folder.file('guest'), 'exit', '0']);
    expect(stderr).not.toMatch(/\r|\x1b|recording /);
    expect(stderr).toContain(`next: gotape analyze ${trace}`);
  });

  test('is, on a terminal, one line that is redrawn, and then the report', async () => {
    using guest = await startGuest(folder.file('guest'), 'tick');
    const line = [process.execPath, GOTAPE, ...command, '-d', '800ms', '-p', String(guest.child.pid)].join(' ');
    const { status, stdout } = await start(['script', '-qec', line, '/dev/null']).finished;
    expect(status).toBe(0);
    expect(stdout.match(/\r\x1b\[Krecording {2}\d\.\d s {2}\d+ transitions/g)?.length).toBeGreaterThan(1);
    expect(stdout).toMatch(/\r\x1b\[Kgotape: \d+ transitions/);
  });
});
