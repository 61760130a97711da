/** The recorded program is killed, or becomes another. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo } from '../support/go-build.js';
import { runGotape, Workspace } from '../truth/record-trace.js';
import { readTraceRows } from '../truth/trace-rows.js';
import { expectSound, repaired, startRecorder, Victim } from './fault-bench.js';

describeWithBpf('a program that ends while it is recorded', () => {
  const workspace = new Workspace();
  let file: string;
  const victims: Victim[] = [];
  beforeAll(() => {
    file = workspace.path('run.gotape.zip');
  });
  afterAll(() => workspace[Symbol.dispose]());
  afterEach(() => {
    for (const victim of victims.splice(0)) victim[Symbol.dispose]();
  });
  const own = (victim: Victim) => {
    victims.push(victim);
    return victim;
  };

  test('by SIGKILL ends the recording, and nothing is lost', async () => {
    const victim = own(Victim.workload(workspace, 'mixed'));
    const recorder = await startRecorder(file, ['-p', String(victim.pid)]);
    await sleep(500);
    victim.child.kill('SIGKILL');
    const run = await recorder.finished;
    expect(run.status, run.stderr).toBe(0);
    expect(expectSound(file).transitions).toBeGreaterThan(100);
    expect((await readTraceRows(file)).summary?.stopReason).toBe('target exited');
  });

  test('by SIGKILL hands its status on when it was launched', async () => {
    const command = ['--', buildGo('../bench/workload/main.go'), '-mode', 'mixed', '-d', '600s'];
    const recorder = await startRecorder(file, command);
    process.kill((await readTraceRows(file)).facts.targets[0]!.pid, 'SIGKILL');
    expect((await recorder.finished).status).toBe(137);
    expectSound(file);
  });

  test('by becoming another program ends the recording, and the process goes on', async () => {
    const victim = own(new Victim(workspace, ['3s', '/bin/sleep', '600'], 'exec/main.go'));
    const run = await (await startRecorder(file, ['-p', String(victim.pid)])).finished;
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr).toContain('stopped: target executed another program');
    expect(victim.isRunning).toBe(true);
    expect(expectSound(file).transitions).toBeGreaterThan(100);
  });

  test('by executing itself anew ends the recording: ids of goroutines begin again', async () => {
    const path = workspace.ownCopy(buildGo('exec/main.go'));
    const victim = own(new Victim(workspace, ['3s', path, '600s', path], 'exec/main.go'));
    const run = await (await startRecorder(file, ['-p', String(victim.pid)])).finished;
    expect(run.stderr).toContain('stopped: target executed another program');
    expect(victim.isRunning).toBe(true);
    // Until the recorder notices, rows of the new life come in under the ids of the old one.
    expectSound((await repaired(file)).output);
  });

  test('a launched command is not mistaken for another program while it is a shell', async () => {
    const run = await runGotape(
      ['record', '-o', file, '--force', '--', buildGo('../bench/workload/main.go'), '-mode', 'mixed', '-d', '500ms'],
      {},
    );
    expect(run.status, run.stderr).toBe(0);
    expect(run.stderr).toContain('stopped: target exited');
    expectSound(file);
  });
});
