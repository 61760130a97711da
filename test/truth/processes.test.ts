/** Every way in which a process can be there: containers, replaced files, short lives, programs that execute themselves. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo } from '../support/go-build.js';
import { expectAccounting, expectComplete } from './expectations.js';
import { type Finished, readRecorded, runGotape, startGotape, Workspace } from './record-trace.js';
import { changeOf, type Row, type TraceRows } from './trace-rows.js';

const FIRST_ROW = 'dead→runnable';

/** Mounts an overlay of its own, as a container engine does, and runs the program in it, as process 1. */
const CONTAINER = `
  set -e
  mount -t tmpfs none "$1" && cd "$1" && mkdir -p lower/proc upper work merged && cp "$2" lower/app
  for loader in /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.*; do [ ! -e "$loader" ] || cp --parents -L "$loader" lower; done
  mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
  mount -t proc proc merged/proc
  shift 2
  exec chroot merged "$@"`;

function startContainer(folder: string, executable: string, command: readonly string[]): ChildProcess {
  const namespaces = ['--pid', '--mount', '--fork', '--kill-child'];
  const args = [...namespaces, 'sh', '-c', CONTAINER, 'sh', folder, executable, ...command];
  return spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

function childOf(pid: number): number {
  return Number(execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim());
}

/** Records while `during` runs, then ends the recording. */
async function recordWhile(args: readonly string[], file: string, during: () => Promise<unknown>) {
  rmSync(file, { force: true });
  const recorder = startGotape(['record', '-o', file, ...args], {});
  const ended = recorder.finished.then((finished) => Promise.reject(new Error(`ended too early: ${finished.stderr}`)));
  ended.catch(() => undefined);
  await Promise.race([untilWritten(file), ended]);
  await during();
  recorder.child.kill('SIGINT');
  const run = await recorder.finished;
  return { ...run, ...(await readRecorded(file, run)) };
}

async function untilWritten(file: string): Promise<void> {
  while ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) await sleep(20);
}

async function untilReady(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(([status]) => Promise.reject(new Error(`ended with ${status}`)));
  await Promise.race([once(child.stdout!, 'data'), ended]);
}

/** The first row of each process. */
function firstRows({ rows }: TraceRows): Map<number, Row> {
  const first = new Map<number, Row>();
  for (const row of rows) if (!first.has(row.pid)) first.set(row.pid, row);
  return first;
}

function unnamed({ goroutines }: TraceRows) {
  return goroutines.filter(({ startFunction }) => startFunction === '');
}

describeWithBpf('a process', () => {
  const workspace = new Workspace();
  const children: ChildProcess[] = [];
  const started = (child: ChildProcess) => {
    children.push(child);
    return child;
  };
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => workspace[Symbol.dispose]());

  test.each([
    'exe',
    'pie',
  ])('in a container (overlay, namespaces of its own; %s) is recorded by its pid here', async (shape) => {
    const executable = buildGo('guest/main.go', { pie: shape === 'pie', cgo: false });
    const folder = workspace.path('container');
    execFileSync('mkdir', ['-p', folder]);
    const container = started(startContainer(folder, executable, ['/app', 'tick']));
    await untilReady(container);
    const pid = childOf(container.pid!);
    const recorded = await recordWhile(['-p', String(pid), '--sched'], workspace.path('c.zip'), () => sleep(500));
    expect(recorded.status).toBe(0);
    expect(recorded.trace.facts.targets[0]).toMatchObject({ pid, innerPid: 1, commandLine: ['/app', 'tick'] });
    expect(recorded.trace.rows.length).toBeGreaterThan(50);
    expect(unnamed(recorded.trace)).toEqual([]);
    expectComplete(recorded);
    expectAccounting(recorded);
    const info = await runGotape(['info', workspace.path('c.zip')], {});
    expect(info.stdout).toContain(`process ${pid} (1 in its container)`);
  });

  test('that starts in a container is recorded by the path of the file in there', async () => {
    const executable = buildGo('guest/main.go');
    const folder = workspace.path('container');
    execFileSync('mkdir', ['-p', folder]);
    const container = started(startContainer(folder, executable, ['/app', 'tick']));
    await untilReady(container);
    const pid = childOf(container.pid!);
    const inside = ['nsenter', '-t', String(pid), '--pid', '--mount', '--root', '/app', 'exit', '3'];
    const recorded = await recordWhile(
      ['-e', `/proc/${pid}/root/app`, '--sched'],
      workspace.path('e.zip'),
      async () => {
        expect(spawnSync(inside[0]!, inside.slice(1)).status).toBe(3);
        await sleep(200);
      },
    );
    expectComplete(recorded);
    const byPid = firstRows(recorded.trace);
    expect([...byPid.keys()]).toContain(pid);
    expect(byPid.size).toBe(2);
    expect(unnamed(recorded.trace)).toEqual([]);
  });

  test('whose file was replaced runs on as the old program, and is recorded as that', async () => {
    const executable = workspace.ownCopy(buildGo('guest/main.go', { pie: true }));
    const program = started(spawn(executable, ['tick'], { stdio: ['ignore', 'pipe', 'inherit'] }));
    await untilReady(program);
    copyFileSync('/bin/true', `${executable}.new`);
    renameSync(`${executable}.new`, executable);
    const recorded = await recordWhile(['-p', String(program.pid)], workspace.path('r.zip'), () => sleep(300));
    rmSync(executable);
    expect(recorded.trace.facts.targets[0]!.executable).toBe(`${executable} (deleted)`);
    expect(recorded.trace.rows.length).toBeGreaterThan(20);
    expect(unnamed(recorded.trace)).toEqual([]);
    expectComplete(recorded);
  });

  test('that executes its own program again is another process from then on', async () => {
    const executable = workspace.ownCopy(buildGo('exec/main.go'));
    const recorded = await recordWhile(['-e', executable, '--sched'], workspace.path('x.zip'), async () => {
      spawnSync(executable, ['100ms', executable, '100ms', '/bin/true']);
      await sleep(100);
    });
    expectComplete(recorded);
    const pids = [...firstRows(recorded.trace).keys()];
    expect(pids).toHaveLength(2);
    expect(pids[1]).toBe(pids[0]! + 10_000_000);
    expect((await runGotape(['verify', workspace.path('x.zip')], {})).status).toBe(0);
  });

  test('in whose pid namespace gotape itself runs is not mistaken for another', () => {
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
    const namespaces = ['--pid', '--mount', '--fork', '--mount-proc', '--kill-child'];
    const command = [process.execPath, main, 'record', '-o', workspace.path('n.zip'), '--', buildGo('guest/main.go')];
    const run = spawnSync('unshare', [...namespaces, ...command, 'exit', '3'], { encoding: 'utf8' });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/runs in a pid namespace of its own.*--pid=host/);
  });
});

describeWithBpf('commands that live for a moment', () => {
  const COMMANDS = 50;
  const workspace = new Workspace();
  afterAll(() => workspace[Symbol.dispose]());

  test.each([
    '1.22.12',
    '1.27.1',
  ] as const)('in a loop, of Go %s, are all recorded from their first instruction, and named', async (toolchain) => {
    const executable = workspace.ownCopy(buildGo('guest/main.go', { toolchain, pie: true }));
    const loop = 'for i in $(seq "$1"); do "$2" exit 0; done';
    let run: Finished | undefined;
    const recorded = await recordWhile(['-e', executable, '--sched'], workspace.path('l.zip'), async () => {
      const { status, stderr } = spawnSync('sh', ['-c', loop, 'sh', String(COMMANDS), executable], {
        encoding: 'utf8',
      });
      run = { status, stdout: '', stderr };
      await sleep(100);
    });
    expect(run?.status).toBe(0);
    expectComplete(recorded);
    expectAccounting(recorded);
    const byPid = firstRows(recorded.trace);
    expect(byPid.size).toBe(COMMANDS);
    const { goroutines } = recorded.trace;
    expect(goroutines.filter(({ startFunction }) => startFunction === 'runtime.main')).toHaveLength(COMMANDS);
    expect(goroutines.filter(({ origin }) => origin !== 'created')).toEqual([]);
    expect(unnamed(recorded.trace)).toEqual([]);
    const firsts = [...byPid.values()].map((first) => `${first.goid} ${changeOf(first)}`);
    expect(new Set(firsts)).toEqual(new Set([`1 ${FIRST_ROW}`]));
  });
});
