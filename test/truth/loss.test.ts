/** A ring buffer that is far too small: what is lost is counted, located and told. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gap } from '../../src/model/trace-facts.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo } from '../support/go-build.js';
import { type Break, checkChains, describeBreak } from './chains.js';
import { expectAccounting } from './expectations.js';
import { KernelCount } from './kernel-count.js';
import { type Recorded, recordCommand, Workspace } from './record-trace.js';

const sizes: readonly (readonly [buffer: string, toolchain: '1.22.12' | '1.27.1'])[] = [
  ['4KiB', '1.22.12'],
  ['64KiB', '1.27.1'],
];

for (const [buffer, toolchain] of sizes) {
  describeWithBpf(`a ring buffer of ${buffer} for Go ${toolchain} at full speed`, () => {
    const workspace = new Workspace();
    let recorded: Recorded;
    let kernelHits: number;

    beforeAll(async () => {
      const executable = workspace.ownCopy(buildGo('../bench/workload/main.go', { toolchain }));
      using kernel = new KernelCount(executable);
      recorded = await recordCommand(workspace, [executable, '-mode', 'chan', '-d', '1s'], {
        options: ['--buffer', buffer],
      });
      kernelHits = kernel.read();
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('loses events, says so, and ends with status 3', () => {
      expect(recorded.losses.dropped).toBeGreaterThan(1000);
      expect(recorded.stderr).toMatch(/LOST/);
      expect(recorded.status).toBe(3);
    });

    test('still accounts for every hit', () => {
      expectAccounting(recorded);
      expect(recorded.losses.hits).toBe(kernelHits);
    });

    test('has gaps that hold every loss and lie within the recording', () => {
      const { gaps, endNs } = recorded.trace;
      expect(gaps.reduce((sum, { lost }) => sum + lost, 0)).toBe(recorded.losses.dropped + recorded.losses.faulted);
      expect(gaps.filter(({ fromNs, toNs }) => !(fromNs >= 0 && fromNs <= toNs && toNs <= endNs))).toEqual([]);
      expect(new Set(gaps.map(({ why }) => why))).toEqual(new Set(['ring full']));
    });

    test('breaks the states of a goroutine only where a gap is', () => {
      const { breaks, illegal } = checkChains(recorded.trace);
      expect(breaks.length).toBeGreaterThan(10);
      const unexplained = breaks.filter((found) => !recorded.trace.gaps.some((gap) => touches(gap, found)));
      expect(unexplained.map(describeBreak)).toEqual([]);
      expect([...illegal]).toEqual([]);
    });
  });
}

function touches({ fromNs, toNs }: Gap, { before, after }: Break): boolean {
  return fromNs <= after.timeNs && toNs >= before.timeNs;
}
