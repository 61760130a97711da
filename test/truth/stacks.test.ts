/** What --stacks and labels say, held against a program that does one thing in each function and says who does it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GoState } from '../../src/model/go-state.js';
import type { FrameInfo } from '../../src/model/stack.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { ALL_TOOLCHAINS, buildGo, type Toolchain } from '../support/go-build.js';
import { type Recorded, readRecorded, recordCommand, runGotape, Workspace } from './record-trace.js';
import type { Row, TraceRows } from './trace-rows.js';

/** Before and after mcall's own frame, names of wrappers, labels as a slice, probes of their own for system calls. */
const STACK_TOOLCHAINS: readonly Toolchain[] =
  process.env['GOTAPE_ALL_GO'] === '1' ? ALL_TOOLCHAINS : ['1.19.13', '1.22.12', '1.27.1'];

/** By the name that a goroutine prints: how it waits, and frames that then lie on each other, the innermost first. */
const EXPECTED: readonly (readonly [name: string, how: string, frames: readonly string[]])[] = [
  ['receiveRequests', 'chan receive', ['runtime.chanrecv1', 'main.(*server).receiveRequests', 'main.main.func1.1']],
  ['sendRequests', 'sleep', ['time.Sleep', 'main.(*server).sendRequests', 'main.main.func1.1']],
  ['waitInSelect', 'select', ['runtime.selectgo', 'main.waitInSelect', 'main.main.func2', 'main.main.func1.1']],
  ['fillSlowly', 'sleep', ['time.Sleep', 'main.fillSlowly', 'main.main.func3', 'main.main.func1.1']],
  ['lockTogether', 'a lock', ['sync.(*Mutex).Lock, inlined', 'main.lockTogether']],
  ['callInlined', 'sleep', ['time.Sleep', 'main.pause, inlined', 'main.rest, inlined', 'main.callInlined']],
  ['waitForCondition', 'sync.Cond.Wait', ['sync.(*Cond).Wait', 'main.waitForCondition']],
  ['acceptConnections', 'IO wait', ['net.(*TCPListener).Accept', 'main.acceptConnections']],
  [
    'readConnections',
    'IO wait',
    ['internal/poll.(*FD).Read', 'net.(*netFD).Read', 'net.(*conn).Read', 'main.readConnections'],
  ],
  ['writeFiles', 'syscall', ['os.(*File).WriteAt', 'main.writeFiles']],
  ['runCommands', 'syscall', ['os/exec.(*Cmd).Run', 'main.runCommands', 'main.main.func1.1']],
  ['recurseDeeply', 'sleep', ['time.Sleep', 'main.recurse', 'main.recurse', 'main.recurse']],
  ['sleepGenerically', 'sleep', ['time.Sleep', 'main.sleepFor[...]', 'main.sleepGenerically', 'main.main.func1.1']],
  ['sleepLabelled', 'sleep', ['main.sleepInDo', 'runtime/pprof.Do', 'main.sleepLabelled', 'main.main.func1.1']],
];

for (const toolchain of STACK_TOOLCHAINS) {
  describeWithBpf(`the stacks of Go ${toolchain}`, () => {
    const workspace = new Workspace();
    let recorded: Recorded;
    let waits: readonly Wait[];

    beforeAll(async () => {
      const stripped = toolchain === '1.27.1';
      const command = [buildGo('where/main.go', { toolchain, stripped, pie: stripped })];
      recorded = await recordCommand(workspace, command, { options: ['--stacks'] });
      waits = waitsOf(recorded.trace);
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('name the functions in which each goroutine waits or calls the system', () => {
      const missing = EXPECTED.filter(([name, how, frames]) => {
        const goids = recorded.stdout.split('\n').filter((line) => line.startsWith(`${name} `));
        const own = waits.filter(({ goid, how: why }) => goids.includes(`${name} ${goid}`) && isSame(why, how));
        return !own.some(({ text }) => ` < ${text} <`.includes(` < ${frames.join(' < ')} <`));
      });
      expect(missing).toEqual([]);
    });

    test('are there for every wait and every system call', () => {
      expect(waits.length).toBeGreaterThan(500);
      expect(waits.filter(({ frames }) => frames.length === 0).map(({ how }) => how)).toEqual([]);
      expect(recorded.trace.gaps).toEqual([]);
    });

    test('end with the function that the goroutine was started for, but for one that is too deep', () => {
      const first = recorded.trace.goroutines.filter(({ origin }) => origin !== 'relabelled');
      const startOf = new Map(first.map(({ goid, startFunction }) => [goid, startFunction]));
      const whole = waits.filter(({ truncated }) => !truncated);
      const ends = new Set(whole.map(({ goid, frames }) => `${frames.at(-1)?.function} of ${startOf.get(goid)}`));
      expect([...ends].filter((end) => !/^(\S+) of \1$/.test(end))).toEqual([]);
      const cut = waits.filter(({ truncated }) => truncated);
      expect(cut.length).toBe(20);
      expect(new Set(cut.map(({ frames }) => frames.length))).toEqual(new Set([64]));
      expect(cut.every(({ frames }) => frames.at(-1)?.function === 'main.recurse')).toBe(true);
    });

    test('tell the line of each call', () => {
      const frames = new Set(waits.flatMap((wait) => wait.frames));
      const linesOf = (name: string) => [...frames].filter((frame) => frame.function === name).map(({ line }) => line);
      expect([...frames].filter(({ line, file }) => line === 0 || file === '')).toEqual([]);
      expect(linesOf('main.pause')).toEqual([lineOf('time.Sleep(wait)')]);
      expect(linesOf('main.rest')).toEqual([lineOf('pause(time.Millisecond)')]);
      expect(linesOf('main.sleepGenerically').sort()).toEqual([lineOf('sleepFor(1)'), lineOf('sleepFor(1.0)')]);
    });

    test('come with the labels of each request, in order, and goroutines that inherit them', () => {
      const goid = Number(/^sleepLabelled (\d+)$/m.exec(recorded.stdout)?.[1]);
      const changes = recorded.trace.goroutines.filter((info) => info.goid === goid && info.origin === 'relabelled');
      const inherited = recorded.trace.goroutines.filter((info) => info.startFunction === 'main.inheritLabels');
      const expected = Array.from({ length: 20 }, (_, i) => `kind=test request=${i}`);
      expect(changes.map(labelsOf)).toEqual(expected.flatMap((labels) => [labels, '']));
      expect(inherited.map(labelsOf)).toEqual(expected);
      expect(inherited.every(({ parentGoid }) => parentGoid === goid)).toBe(true);
    });

    test('do not disturb the count of what was recorded', () => {
      const { hits, paired, submitted, dropped, faulted, filtered } = recorded.losses;
      expect(hits + paired).toBe(submitted + dropped + faulted + filtered);
      expect({ dropped, faulted, status: recorded.status }).toEqual({ dropped: 0, faulted: 0, status: 0 });
    });
  });
}

describeWithBpf('goroutines that ran already', () => {
  const workspace = new Workspace();
  afterAll(() => workspace[Symbol.dispose]());

  test.each(STACK_TOOLCHAINS)('are told with labels, parent and creation site: Go %s', async (toolchain) => {
    const minor = Number(toolchain.split('.')[1]);
    const program = spawn(buildGo('where/main.go', { toolchain, stripped: true }), ['labelled'], { stdio: 'pipe' });
    try {
      await once(program.stdout, 'data');
      const file = workspace.path(`${toolchain}.gotape.zip`);
      const run = await runGotape(['record', '-p', String(program.pid), '-d', '300ms', '-o', file], {});
      const { trace } = await readRecorded(file, run);
      const [found] = trace.goroutines.filter((info) => info.startFunction === 'main.keepLabels');
      expect(found).toMatchObject({ origin: 'found', parentGoid: minor < 21 ? 0 : 1 });
      expect(labelsOf(found!)).toBe('shard=17 team=ops');
      expect(found?.createdBy).toMatch(
        new RegExp(`^main\\.startLabelled \\S+/main\\.go:${lineOf('go keepLabels()')}$`),
      );
    } finally {
      program.kill('SIGKILL');
    }
  });
});

describeWithBpf('the stacks of a program that calls C', () => {
  const workspace = new Workspace();
  afterAll(() => workspace[Symbol.dispose]());

  test('reach to the goroutine, and end as cut where C called', async () => {
    const command = [buildGo('cgo-callback/main.go', { toolchain: '1.27.1', cgo: true })];
    const { trace } = await recordCommand(workspace, command, { options: ['--stacks'] });
    const waits = waitsOf(trace);
    const calls = waits.filter(({ text }) => text.startsWith('runtime.cgocall <'));
    expect(new Set(calls.map(({ text, truncated }) => `${text} ${truncated}`))).toContain(
      'runtime.cgocall < main._Cfunc_twice < main.caller false',
    );
    const callbacks = waits.filter(({ text }) => text.includes('main.goCallback'));
    expect(callbacks.length).toBe(20);
    expect(callbacks.every(({ text, truncated }) => truncated && text.endsWith('< runtime.cgocallback'))).toBe(true);
  });
});

const source = readFileSync(new URL('../programs/where/main.go', import.meta.url), 'utf8').split('\n');

function lineOf(text: string): number {
  return source.findIndex((line) => line.trim() === text) + 1;
}

interface Wait {
  readonly goid: number;
  readonly how: string;
  readonly frames: readonly FrameInfo[];
  readonly truncated: boolean;
  /** `main.f, inlined < main.g`. */
  readonly text: string;
}

function waitsOf({ rows, stacks }: TraceRows): Wait[] {
  return rows.filter(begins).map(({ goid, to, reason, stack }) => {
    const frames = stacks.framesOf(stack);
    return {
      goid,
      how: to === GoState.syscall ? 'syscall' : reason,
      frames,
      truncated: stacks.isTruncated(stack),
      text: frames.map(({ function: name, inlined }) => (inlined ? `${name}, inlined` : name)).join(' < '),
    };
  });
}

function begins({ from, to }: Row): boolean {
  return from === GoState.running && (to === GoState.waiting || to === GoState.syscall);
}

/** Go 1.19 calls every lock a semaphore. */
function isSame(reason: string, expected: string): boolean {
  return expected === 'a lock' ? reason === 'semacquire' || reason === 'sync.Mutex.Lock' : reason === expected;
}

function labelsOf({
  labels = [],
}: {
  readonly labels?: readonly { key: string; value: string }[] | undefined;
}): string {
  return labels.map(({ key, value }) => `${key}=${value}`).join(' ');
}
