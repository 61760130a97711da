/** Real recordings of real programs: no change of state is missing, none is invented, all are the right goroutine's. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo, type GoBuildOptions, TOOLCHAINS } from '../support/go-build.js';
import { expectAccounting, expectComplete } from './expectations.js';
import { KernelCount } from './kernel-count.js';
import { type Recorded, type RecordOptions, recordCommand, Workspace } from './record-trace.js';
import { changeOf, type TraceRows } from './trace-rows.js';

const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('@typescript/typescript-linux-x64/package.json')),
  'lib/tsc',
);

interface Subject {
  readonly name: string;
  readonly executable: () => string;
  readonly args?: readonly string[];
  /** Files that it looks for in its own folder. */
  readonly beside?: readonly string[];
  readonly options?: RecordOptions;
  /** Changes that it brings about, whatever the scheduler does. */
  readonly provokes?: readonly string[];
}

function built(name: string, program: string, options: GoBuildOptions, provokes: readonly string[]): Subject {
  return { name, executable: () => buildGo(program, options), provokes };
}

const family = 'family/main.go';
const byFamily = [
  'dead→runnable',
  'runnable→running',
  'running→runnable',
  'running→waiting',
  'waiting→runnable',
  'waiting→running',
  'running→syscall',
  'syscall→running',
  'running→copystack',
  'copystack→running',
  'running→preempted',
  'preempted→waiting',
  'running→dead',
];
const byCallback = {
  before126: ['dead→syscall', 'syscall→dead'],
  since126: ['deadextra→syscall', 'syscall→deadextra'],
};
const subjects: readonly Subject[] = [
  ...TOOLCHAINS.map((toolchain) => built(`a program of Go ${toolchain}`, family, { toolchain }, byFamily)),
  built('a PIE of Go 1.24', family, { toolchain: '1.24.13', pie: true }, byFamily),
  built('a stripped program of Go 1.27', family, { toolchain: '1.27.1', stripped: true }, byFamily),
  built('a cgo program of Go 1.24', 'cgo-callback/main.go', { toolchain: '1.24.13', cgo: true }, byCallback.before126),
  built('a cgo program of Go 1.27', 'cgo-callback/main.go', { toolchain: '1.27.1', cgo: true }, byCallback.since126),
  built('iter.Pull in Go 1.23', 'iter-pull/main.go', { toolchain: '1.23.12' }, ['dead→waiting']),
  built('iter.Pull in Go 1.27', 'iter-pull/main.go', { toolchain: '1.27.1' }, ['dead→waiting']),
  {
    name: "TypeScript's compiler",
    executable: () => tsc,
    args: ['-p', join(projectFolder, 'tsconfig.json'), '--noEmit'],
    beside: readdirSync(dirname(tsc)).filter((name) => name.endsWith('.d.ts')),
    options: { cwd: projectFolder },
  },
];

for (const subject of subjects) {
  describeWithBpf(subject.name, () => {
    const workspace = new Workspace();
    let recorded: Recorded;
    let kernelHits: number;

    beforeAll(async () => {
      const executable = workspace.ownCopy(subject.executable(), subject.beside);
      using kernel = new KernelCount(executable);
      recorded = await recordCommand(workspace, [executable, ...(subject.args ?? [])], subject.options);
      kernelHits = kernel.read();
    });
    afterAll(() => workspace[Symbol.dispose]());

    test('is recorded without a break in the states of any goroutine', () => {
      expect(recorded.trace.rows.length).toBeGreaterThan(1000);
      expectComplete(recorded);
    });

    test('has as many hits as the kernel counts, and every one is accounted for', () => {
      expectAccounting(recorded);
      expect(recorded.losses.hits).toBe(kernelHits);
      expect(recorded.losses.mismatched).toBeLessThanOrEqual(recorded.trace.rows.length / 1000);
    });

    test('shows every kind of change that the program provokes', () => {
      const seen = new Set(recorded.trace.rows.map(changeOf));
      expect((subject.provokes ?? []).filter((change) => !seen.has(change))).toEqual([]);
    });

    if (subject.provokes !== byFamily) return; // the others do not print their goroutines
    test('names its goroutines as they name themselves', () => {
      const told = membersOf(recorded.stdout);
      expect(told.size).toBeGreaterThan(100);
      expect(createdByMain(recorded.trace)).toEqual(told);
    });
  });
}

/** `18 main.child of 1`, from the program's own output. */
function membersOf(stdout: string): Set<string> {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return new Set(
    lines.map((line) => {
      const { name, goid, parent } = JSON.parse(line) as { name: string; goid: number; parent: number };
      return `${goid} ${name} of ${parent}`;
    }),
  );
}

function createdByMain({ goroutines }: TraceRows): Set<string> {
  const own = goroutines.filter(({ startFunction }) => /^main\.(?!main$)/.test(startFunction));
  return new Set(own.map(({ goid, startFunction, parentGoid }) => `${goid} ${startFunction} of ${parentGoid}`));
}
