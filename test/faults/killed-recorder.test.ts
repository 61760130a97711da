/**
 * The recorder is killed at random moments: what was recorded until a second before is in the file, and the program does
 * not notice. Ten times, or `GOTAPE_KILLS=100`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { Workspace } from '../truth/record-trace.js';
import { readTraceRows } from '../truth/trace-rows.js';
import { expectSound, repaired, startRecorder, Victim } from './fault-bench.js';

const KILLS = Number(process.env['GOTAPE_KILLS'] ?? 10);
/** A segment spans a second at most; then comes a poll, and the time to encode it on a machine that does other things. */
const LOST_MS = 1000 + 250;
const LONGEST_MS = 2500;

for (const mode of ['mixed', 'idle', 'chan']) {
  describeWithBpf(`a recorder of the ${mode} workload that is killed with SIGKILL`, () => {
    const workspace = new Workspace();
    let victim: Victim;

    beforeAll(() => {
      victim = Victim.workload(workspace, mode);
    });
    afterAll(() => {
      victim?.[Symbol.dispose]();
      workspace[Symbol.dispose]();
    });

    test.each(
      Array.from({ length: Math.ceil(KILLS / 3) }, (_, i) => i),
    )('leaves all but the last second, time %d', async (i) => {
      const file = workspace.path(`kill-${i}.gotape.zip`);
      const recorder = await startRecorder(file, ['-p', String(victim.pid)]);
      const startedNs = process.hrtime.bigint();
      await sleep(Math.random() * LONGEST_MS);
      const killedNs = process.hrtime.bigint();
      recorder.child.kill('SIGKILL');
      await recorder.finished;
      await victim.expectLeftAlone();
      const { run, output } = await repaired(file);
      expect(run.status, run.stderr).toBe(3);
      expectSound(output);
      const { rows, facts } = await readTraceRows(output);
      const lastNs = BigInt(facts.start.monotonicNs) + BigInt(Math.floor(rows.at(-1)?.timeNs ?? 0));
      const lostMs = Number(killedNs - (lastNs > startedNs ? lastNs : startedNs)) / 1e6;
      expect(lostMs).toBeLessThan(LOST_MS);
    });
  });
}
