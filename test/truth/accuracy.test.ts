/**
 * The same run, recorded by gotape from outside and by Go's own runtime/trace from inside. docs/accuracy.md has the
 * figures and why they are what they are.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { ALL_TOOLCHAINS, TOOLCHAINS, type Toolchain } from '../support/go-build.js';
import {
  ACCURACY_TOOLCHAINS,
  type Accuracy,
  FEW_SPANS,
  measureAccuracy,
  SELF_TRACING,
  type StateAccuracy,
} from './accuracy.js';
import { Workspace } from './record-trace.js';

/** Two changes bound a stay in a state; each may be seen this much apart. */
const CHANGE_NS = 2000;
const SHARE = 0.002;
/**
 * Who stops a goroutine for a stack scan sends its thread a signal, and another one while it is being stopped: that one
 * often comes between the two readings (with GODEBUG=asyncpreemptoff=1 it never does).
 */
const STOPPED = 'block: preempted';
const SIGNAL_NS = 20_000;
/** Of fewer, two or three events on a cold path (see FEW_SPANS) decide what nine of ten are. */
const ENOUGH_FOR_NINE_OF_TEN = 50;
/** Changes between which the kernel ran somebody else. */
const RARE = 0.01;
/** A neighbour on the machine disturbs a measurement, not the tracers: then it is made again, so often at most. */
const ATTEMPTS = 5;

const programs = Object.keys(SELF_TRACING) as (keyof typeof SELF_TRACING)[];
/** For want of time the script is run with the oldest and the newest only; with GOTAPE_ALL_GO=1 with all. */
const isRun = (program: string, toolchain: Toolchain) =>
  program !== 'script' || TOOLCHAINS.length === ALL_TOOLCHAINS.length || ['1.22.12', '1.27.1'].includes(toolchain);
const runs = ACCURACY_TOOLCHAINS.flatMap((toolchain) =>
  programs.filter((program) => isRun(program, toolchain)).map((program) => ({ toolchain, program })),
);

for (const { toolchain, program } of runs) {
  describeWithBpf(`held against runtime/trace of Go ${toolchain}, program "${program}"`, () => {
    const workspace = new Workspace();
    let accuracy: Accuracy;

    beforeAll(async () => {
      accuracy = await measureUndisturbed(workspace, program, toolchain);
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('every goroutine goes through the same states in the same order', () => {
      expect(accuracy.differences).toEqual([]);
      expect(accuracy.goroutines).toBeGreaterThan(100);
      expect(accuracy.spans).toBeGreaterThan(20_000);
    });

    test('nine of ten changes of each kind are seen within 2 µs of each other', () => {
      expect(oftenMeasured(accuracy).length).toBeGreaterThan(5);
      expect(slowStates(accuracy)).toEqual([]);
      expect(accuracy.disturbed).toBeLessThan(accuracy.spans * RARE);
    });

    test('the time of each state is the same within 0.2 %, or 2 µs for each change', () => {
      expect(measured(accuracy).length).toBeGreaterThan(5);
      expect(measured(accuracy).filter((state) => !isWithinTolerance(state))).toEqual([]);
    });
  });
}

/** The first measurement that nobody disturbed, or the last; with what any of them contradicted: that is never a neighbour. */
async function measureUndisturbed(
  workspace: Workspace,
  program: keyof typeof SELF_TRACING,
  toolchain: Toolchain,
): Promise<Accuracy> {
  const differences: string[] = [];
  for (let attempt = 1; ; attempt++) {
    const accuracy = await measureAccuracy(workspace, program, toolchain);
    differences.push(...accuracy.differences);
    if (attempt === ATTEMPTS || isCalm(accuracy)) return { ...accuracy, differences };
  }
}

function isCalm(accuracy: Accuracy): boolean {
  const { goroutines, spans, disturbed } = accuracy;
  return goroutines > 100 && spans > 20_000 && disturbed < spans * RARE && slowStates(accuracy).length === 0;
}

/** States of which nine of ten changes are further apart than that. */
function slowStates(accuracy: Accuracy): StateAccuracy[] {
  return oftenMeasured(accuracy).filter(({ state, lag90Ns }) => lag90Ns > CHANGE_NS && state !== STOPPED);
}

function oftenMeasured(accuracy: Accuracy): StateAccuracy[] {
  return measured(accuracy).filter(({ spans }) => spans >= ENOUGH_FOR_NINE_OF_TEN);
}

function measured({ states }: Accuracy): StateAccuracy[] {
  return states.filter(({ spans }) => spans >= FEW_SPANS);
}

function isWithinTolerance({ state, goNs, tapeNs, spans }: StateAccuracy): boolean {
  const eachNs = state === STOPPED ? SIGNAL_NS : 2 * CHANGE_NS;
  return Math.abs(tapeNs - goNs) <= Math.max(SHARE * goNs, eachNs * spans);
}
