/** `gotape cut` and `gotape merge` as a user meets them, on recordings made here and on fixtures. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Analysis } from '../../src/analyze/analysis.js';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo } from '../support/go-build.js';
import { CUT_OFF_FIXTURE, expectRefusal, FIXTURE, Folder, gotape, start } from './gotape.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

async function analysisOf(args: readonly string[]): Promise<Analysis> {
  return JSON.parse((await gotape(['analyze', '--json', ...args])).stdout) as Analysis;
}

test('a cut is analyzed as the same window of the whole is, byte for byte', async () => {
  const out = folder.file('part.gotape.zip');
  const run = await gotape(['cut', FIXTURE, '--from', '1ms', '--to', '4ms', '-o', out]);
  expect(run).toMatchObject({ status: 0, stdout: '' });
  expect(run.stderr).toMatch(/^gotape: 1.00 ms to 4.00 ms: [\d,]+ transitions, /);
  const whole = await gotape(['analyze', '--json', FIXTURE, '--from', '1ms', '--to', '4ms']);
  expect((await gotape(['analyze', '--json', out])).stdout).toBe(whole.stdout);
  expect((await gotape(['verify', out])).status).toBe(0);
  expect((await gotape(['info', out])).stdout).toContain('window      cut: 1.00 ms after the start to 4.00 ms');
});

test('chosen goroutines are cut out by id and by start function', async () => {
  const out = folder.file('chosen.gotape.zip');
  expect((await gotape(['cut', FIXTURE, '--function', 'runtime.*', '-o', out])).status).toBe(0);
  const { startFunctions, window } = await analysisOf([out]);
  expect(startFunctions.list.every(({ startFunction }) => startFunction.startsWith('runtime.'))).toBe(true);
  expect(window).toMatchObject({ functions: ['runtime.*'] });
  expect((await gotape(['cut', FIXTURE, '--goid', '1', '--goid', '2', '--force', '-o', out])).status).toBe(0);
  expect((await analysisOf([out])).goroutines.total).toBe(2);
});

test('a file that is there is not overwritten without --force', async () => {
  const out = folder.file('there.gotape.zip');
  writeFileSync(out, 'mine');
  expectRefusal(await gotape(['cut', FIXTURE, '--from', '1ms', '-o', out]), 1, /exists already.*--force/);
  expect(readFileSync(out, 'utf8')).toBe('mine');
});

test.each([
  [['cut', FIXTURE, '-o', 'x'], /expected what to keep/],
  [['cut', FIXTURE, '--from', '2s', '--to', '1s', '-o', 'x'], /the window is empty/],
  [['cut', FIXTURE, '--from', '1h', '-o', 'x'], /--from .*: the trace ends/],
  [['cut', FIXTURE, '--goid', 'x', '-o', 'x'], /--goid/],
  [['analyze', FIXTURE, '--from', '5'], /--from: "5" is not a duration/],
])('%j is wrong usage', async (args, sentence) => {
  expectRefusal(await gotape(args, { cwd: folder.path }), 2, sentence);
});

test('a part of a damaged trace is cut with exit code 3, and the damage is said', async () => {
  const out = folder.file('damaged.gotape.zip');
  const run = await gotape(['cut', CUT_OFF_FIXTURE, '--from', '1ms', '--to', '500ms', '-o', out]);
  expect(run).toMatchObject({ status: 3, stdout: '' });
  expect(run.stderr).toContain('DAMAGE the file was cut off');
  expect((await gotape(['verify', out])).status).toBe(0);
});

test('a trace is not merged with itself', async () => {
  const out = folder.file('twice.gotape.zip');
  expectRefusal(await gotape(['merge', FIXTURE, FIXTURE, '-o', out]), 1, /are the same recording/);
  expect(folder.names()).not.toContain('twice.gotape.zip');
});

describeWithBpf('merging what was recorded', () => {
  const file = (name: string) => folder.file(`${name}.gotape.zip`);
  const programs: { kill(): void; pid: number }[] = [];

  beforeAll(async () => {
    const workload = buildGo('../bench/workload/main.go');
    for (const mode of ['mixed', 'chan']) {
      const { child } = start([workload, '-mode', mode, '-d', '60s', '-period', '50ms', '-pairs', '1']);
      programs.push({ kill: () => child.kill('SIGKILL'), pid: child.pid! });
    }
    await sleep(300);
    const record = (program: number, name: string) =>
      gotape(['record', '-q', '-p', String(programs[program]!.pid), '-d', '700ms', '-o', file(name)]);
    const runs = await Promise.all([record(0, 'first'), record(1, 'second')]);
    runs.push(await record(0, 'later'));
    expect(runs.map(({ status, stderr }) => ({ status, stderr }))).toEqual(runs.map(() => ({ status: 0, stderr: '' })));
  });
  afterAll(() => {
    for (const program of programs) program.kill();
  });

  test('two processes recorded at once: each is analyzed as it is alone', async () => {
    const run = await gotape(['merge', file('second'), file('first'), '-o', file('both')]);
    expect(run.status).toBe(0);
    expect(run.stdout.match(/starts at .* \(same clock\)/g)).toHaveLength(2);
    expect((await gotape(['verify', file('both')])).status).toBe(0);
    for (const [program, name] of ['first', 'second'].entries()) {
      const { pid } = programs[program]!;
      expect(await knownOf(file('both'), pid)).toEqual(await knownOf(file(name), pid));
    }
    expect((await gotape(['info', file('both')])).stdout).toMatch(/merged {6}.*starts at/);
  });

  test('two recordings of one process: the time between them is a gap, exit code 3', async () => {
    const run = await gotape(['merge', file('later'), file('first'), '-o', file('long')]);
    expect(run.status).toBe(3);
    const [first, later, both] = await Promise.all(
      [file('first'), file('later'), file('long')].map((f) => analysisOf([f])),
    );
    expect(both!.transitions).toBe(first!.transitions + later!.transitions);
    expect(both!.losses).toMatchObject({ lostEvents: 0, gapCount: 1, gaps: [{ why: 'not recorded' }] });
    expect(both!.trace.targets).toHaveLength(1);
  });
});

/** What is known of a process: time in which it was not recorded is unknown, and there is more of it in a merged trace. */
async function knownOf(path: string, pid: number): Promise<unknown> {
  using trace = await openTrace(path);
  const selection = {
    fromNs: 0,
    toNs: Number.POSITIVE_INFINITY,
    goids: [],
    functions: [],
    isWanted: (p: number) => p === pid,
  };
  const { totals, transitions, goroutines, schedulingLatency, transitionMatrix } = await analyzeTrace(trace, {
    top: 5,
    selection,
  });
  const { totalNs, unknownNs, unknownByHint, ...times } = totals;
  const { count, p50Ns, p999Ns, max } = schedulingLatency;
  return { times, transitions, goroutines, latency: { count, p50Ns, p999Ns, maxNs: max?.ns }, transitionMatrix };
}
