/** A recorder that does not run for seconds, or has hardly any buffer: what it misses is counted and located. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { Workspace } from '../truth/record-trace.js';
import { readTraceRows } from '../truth/trace-rows.js';
import { expectSound, startRecorder, Victim } from './fault-bench.js';

const STOPPED_MS = 5000;

describeWithBpf('a recorder that is starved', () => {
  const workspace = new Workspace();
  let victim: Victim;

  beforeAll(() => {
    victim = Victim.workload(workspace, 'chan');
  });
  afterAll(() => {
    victim?.[Symbol.dispose]();
    workspace[Symbol.dispose]();
  });

  test('by SIGSTOP for five seconds loses events, counts each, and locates them', async () => {
    const file = workspace.path('stopped.gotape.zip');
    const recorder = await startRecorder(file, ['-p', String(victim.pid)]);
    await sleep(500);
    recorder.child.kill('SIGSTOP');
    const stoppedNs = process.hrtime.bigint();
    await sleep(STOPPED_MS);
    recorder.child.kill('SIGCONT');
    const continuedNs = process.hrtime.bigint();
    await sleep(500);
    recorder.child.kill('SIGINT');
    const run = await recorder.finished;
    expect(run.status, run.stderr).toBe(3);
    const counts = expectSound(file);
    expect(counts.lost).toBeGreaterThan(10_000);
    const { gaps, facts } = await readTraceRows(file);
    const startNs = BigInt(facts.start.monotonicNs);
    const [from, to] = [stoppedNs, continuedNs].map((ns) => Number(ns - startNs));
    const within = gaps.filter(({ fromNs, toNs }) => fromNs < to! && toNs > from!);
    expect(within.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(counts.lost * 0.9);
    await victim.expectLeftAlone();
  });

  test('by a ring buffer of one page loses most events, counts each, and locates them', async () => {
    const file = workspace.path('page.gotape.zip');
    const recorder = await startRecorder(file, ['-p', String(victim.pid), '--buffer', '4096', '-d', '1s']);
    const run = await recorder.finished;
    expect(run.status, run.stderr).toBe(3);
    const counts = expectSound(file);
    expect(counts.lost).toBeGreaterThan(counts.transitions);
    expect(counts.excused).toBeGreaterThan(0);
  });
});
