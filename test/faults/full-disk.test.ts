/** A disk that becomes full, and a file that loses its name, while a program is recorded. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { Workspace } from '../truth/record-trace.js';
import { readTraceRows } from '../truth/trace-rows.js';
import { expectSound, repaired, startRecorder, Victim } from './fault-bench.js';

describeWithBpf('a recorder whose output cannot be written any more', () => {
  const workspace = new Workspace();
  let victim: Victim;
  let disk: string;

  beforeAll(() => {
    victim = Victim.workload(workspace, 'chan');
    disk = workspace.path('disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
  });
  afterAll(() => {
    execFileSync('umount', [disk]);
    victim?.[Symbol.dispose]();
    workspace[Symbol.dispose]();
  });

  const repairedElsewhere = (file: string) => {
    const copy = workspace.path(basename(file));
    copyFileSync(file, copy);
    return repaired(copy);
  };

  test('because the disk is full ends with a sentence, and leaves a sound file that locates what it could not write', async () => {
    const file = `${disk}/full.gotape.zip`;
    const run = await (await startRecorder(file, ['-p', String(victim.pid)])).finished;
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/full\.gotape\.zip: the disk is full; recording stopped, and what was complete before/);
    await victim.expectLeftAlone();
    const { summary } = await readTraceRows(file);
    // Rarely a segment ends so near the brim that no room is left for the end of the file.
    const sound = summary === undefined ? (await repairedElsewhere(file)).output : file;
    expect(expectSound(sound).transitions).toBeGreaterThan(1000);
    if (summary === undefined) return;
    expect(summary.stopReason).toMatch(/^writing failed: ENOSPC/);
    expect((await readTraceRows(file)).gaps.at(-1)).toMatchObject({ why: 'not written' });
  });

  test('because the disk is full to the last byte leaves a file that repair makes sound', async () => {
    rmSync(`${disk}/full.gotape.zip`);
    const file = `${disk}/brim.gotape.zip`;
    const recorder = await startRecorder(file, ['-p', String(victim.pid)]);
    await sleep(300);
    const filler = () => writeFileSync(`${disk}/filler-${Math.random()}`, Buffer.alloc(64 * 1024));
    expect(() => Array.from({ length: 64 }, filler)).toThrow('ENOSPC');
    const run = await recorder.finished;
    expect(run.stderr).toContain('the disk is full');
    const onFullDisk = await repaired(file);
    expect(onFullDisk.run.stderr).toContain('the disk is full; nothing is left of it');
    expect(existsSync(onFullDisk.output)).toBe(false);
    const { run: repair, output } = await repairedElsewhere(file);
    expect([0, 3], repair.stderr).toContain(repair.status);
    expectSound(output);
  });

  test('because its file was removed stops and says so', async () => {
    const file = workspace.path('removed.gotape.zip');
    const recorder = await startRecorder(file, ['-p', String(victim.pid)]);
    rmSync(file);
    const run = await recorder.finished;
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(
      /removed\.gotape\.zip: was removed while it was written; recording stopped, and nothing is left/,
    );
    expect(existsSync(file)).toBe(false);
    await victim.expectLeftAlone();
  });

  test('leaves a file alone that took the name of its own', async () => {
    const file = workspace.path('replaced.gotape.zip');
    const recorder = await startRecorder(file, ['-p', String(victim.pid)]);
    rmSync(file);
    writeFileSync(file, "somebody else's");
    expect((await recorder.finished).status).toBe(1);
    expect(existsSync(file)).toBe(true);
  });
});
