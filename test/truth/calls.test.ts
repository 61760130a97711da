/** Calls of functions, against a program that keeps account of its own: every one of them, in every way to end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { ALL_TOOLCHAINS, buildGo, type GoBuildOptions, TOOLCHAINS, type Toolchain } from '../support/go-build.js';
import {
  CALL_OPTIONS,
  CALLED,
  pairs,
  type RecordedCalls,
  readCalls,
  recordedText,
  type TrueCall,
  trueCalls,
  trueText,
} from './call-truth.js';
import { type Finished, runGotape, Workspace } from './record-trace.js';

/** One release for each way in which a recovered panic goes on; all of them with GOTAPE_ALL_GO=1. */
const releases: readonly Toolchain[] =
  TOOLCHAINS.length === ALL_TOOLCHAINS.length ? ALL_TOOLCHAINS : ['1.19.13', '1.21.13', '1.22.12', '1.26.8', '1.27.1'];

const builds: readonly (readonly [string, GoBuildOptions])[] = [
  ...releases.map((toolchain) => [`Go ${toolchain}`, { toolchain }] as const),
  ['Go 1.26.8, stripped', { stripped: true }],
  ['Go 1.22.12, stripped PIE', { toolchain: '1.22.12', stripped: true, pie: true }],
  ['Go 1.26.8, -N -l', { unoptimized: true }],
];

for (const [name, options] of builds) {
  describeWithBpf(`calls in a program of ${name}`, () => {
    const workspace = new Workspace();
    let run: Finished;
    let truth: TrueCall[];
    let recorded: RecordedCalls;

    beforeAll(async () => {
      const file = workspace.path('calls.gotape.zip');
      const executable = workspace.ownCopy(buildGo('calls/main.go', options));
      run = await runGotape(['record', '-o', file, ...CALL_OPTIONS, '--', executable], {});
      truth = trueCalls(run.stdout);
      recorded = await readCalls(file);
      if (options.stripped) truth = truth.map((call) => ({ ...call, args: '' }));
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('are recorded, each with goroutine, depth, arguments and the way it ended', () => {
      expect(run).toMatchObject({ status: 0 });
      expect(recorded.gaps).toEqual([]);
      expect(recorded.calls.map(recordedText).toSorted()).toEqual(truth.map(trueText).toSorted());
    });

    test('hold the time in which their bodies ran', () => {
      const outside = pairs(truth, recorded.calls).filter(
        ([known, call]) => call.startNs > known.start || (known.end > 0 && call.endNs < known.end),
      );
      expect(outside).toEqual([]);
    });

    test('come in the order of their ends', () => {
      const ends = recorded.calls.map(({ endNs }) => endNs);
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    });

    test('stand in the header, with what cannot be seen of them', () => {
      for (const pattern of CALLED.filter((called) => !called.endsWith('*')))
        expect(recorded.symbols).toContain(pattern);
      expect(recorded.symbols).toEqual(expect.arrayContaining(['runtime.recovery', 'runtime.goexit0']));
      const sentence = options.stripped ? 'arguments of calls are not recorded' : 'arguments shown as ? were not read';
      expect(recorded.invisible.join('\n')).toContain(sentence);
    });
  });
}

describeWithBpf('calls of which events are lost', () => {
  const workspace = new Workspace();
  let run: Finished;
  let truth: TrueCall[];
  let recorded: RecordedCalls;

  beforeAll(async () => {
    const file = workspace.path('lost.gotape.zip');
    const executable = workspace.ownCopy(buildGo('calls/main.go'));
    run = await runGotape(['record', '--buffer', '8KiB', '-o', file, ...CALL_OPTIONS, '--', executable], {});
    truth = trueCalls(run.stdout);
    recorded = await readCalls(file);
  });
  afterAll(() => workspace[Symbol.dispose]());

  test('make a sound trace', async () => {
    expect(await runGotape(['verify', workspace.path('lost.gotape.zip')], {})).toMatchObject({ status: 0 });
  });

  test('leave gaps of their own, and status 3', () => {
    expect(run.status).toBe(3);
    expect(recorded.gaps.some(({ stream }) => stream === 'calls')).toBe(true);
  });

  test('are unknown where they may have ended meanwhile; all others are as they were', () => {
    const sure = recorded.calls.filter(({ outcome }) => outcome !== 'unknown');
    // What the depth counts is lost with the calls around it.
    const flat = <T extends { readonly depth: number }>(calls: readonly T[]) =>
      calls.map((call) => ({ ...call, depth: 0 }));
    const known = new Set(flat(truth).map(trueText));
    expect(sure.length).toBeGreaterThan(0);
    expect(
      flat(sure)
        .map(recordedText)
        .filter((text) => !known.has(text)),
    ).toEqual([]);
    expect(recorded.calls.some(({ outcome }) => outcome === 'unknown')).toBe(true);
  });

  test('are known to have lasted for as long as they did, or less', () => {
    const byArguments = new Map(truth.map((call) => [`${call.function} ${call.goid} ${call.args}`, call]));
    const tooLong = recorded.calls.filter((call) => {
      const known = byArguments.get(`${call.function} ${call.goid} ${call.arguments}`);
      // Another call with these arguments may have been the one: only unique ones are compared.
      const isUnique = truth.filter((other) => other.args === call.arguments).length === 1;
      return (
        call.outcome === 'unknown' && isUnique && known !== undefined && known.end > 0 && call.endNs > known.end + 1e6
      );
    });
    expect(tooLong).toEqual([]);
  });
});

describeWithBpf('processes that run already', () => {
  const workspace = new Workspace();
  const pids: number[] = [];
  let recorded: RecordedCalls;

  /** Of the numbers that tick was called with, those that do not follow on the one before. */
  const jumps = (pid: number) => {
    const numbers = recorded.calls
      .filter((call) => call.pid === pid && call.function === 'main.tick')
      .map((call) => Number(/^n=(\d+)$/.exec(call.arguments)?.[1]));
    expect(numbers.length).toBeGreaterThan(20);
    return numbers.slice(0, -1).filter((number, i) => numbers[i + 1] !== number + 1);
  };

  beforeAll(async () => {
    const executable = workspace.ownCopy(buildGo('calls/main.go'));
    const children = [0, 1].map(() => spawn(executable, ['loop'], { stdio: ['ignore', 'pipe', 'ignore'] }));
    try {
      await Promise.all(children.map((child) => once(child.stdout, 'data')));
      pids.push(...children.map((child) => child.pid!));
      const file = workspace.path('all.gotape.zip');
      await runGotape(
        ['record', '-o', file, '-d', '300ms', '--call', 'main.tick', '--call', 'main.loop', '-e', executable],
        {},
      );
      recorded = await readCalls(file);
      await runGotape(['record', '-o', `${file}.one`, '-d', '300ms', '--call', 'main.tick', '-p', String(pids[0])], {});
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });
  afterAll(() => workspace[Symbol.dispose]());

  test('are recorded all at once, each call of each', () => {
    expect(new Set(recorded.calls.map(({ pid }) => pid))).toEqual(new Set(pids));
    expect(pids.map(jumps)).toEqual([[], []]);
  });

  test('show no call that began before recording', () => {
    expect(recorded.calls.filter((call) => call.function === 'main.loop')).toEqual([]);
  });

  describe('of which one is recorded', () => {
    test('show its calls alone', async () => {
      recorded = await readCalls(workspace.path('all.gotape.zip.one'));
      expect(new Set(recorded.calls.map(({ pid }) => pid))).toEqual(new Set([pids[0]]));
      expect(jumps(pids[0]!)).toEqual([]);
    });
  });
});
