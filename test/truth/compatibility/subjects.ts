/** Every program of docs/compatibility.md: one script in every build of every Go release, and tools as they are published. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { GoState } from '../../../src/model/go-state.js';
import { ALL_TOOLCHAINS, buildGo, type GoBuildOptions, type Toolchain } from '../../support/go-build.js';
import { fetchFromNpm } from '../../support/npm-pack.js';
import type { Workspace } from '../record-trace.js';
import type { Checks, MeasuredRun, Subject } from './measure-run.js';
import { checkCalls, checkDeeds, checkGoroutines, checkLabels, SCRIPT_CALLS, type Told } from './script-truth.js';

export const BUILDS = {
  exe: {},
  stripped: { stripped: true },
  PIE: { pie: true },
  'stripped PIE': { pie: true, stripped: true },
  cgo: { cgo: true },
  '-race': { race: true },
  '-N -l': { unoptimized: true },
} as const satisfies Readonly<Record<string, GoBuildOptions>>;
export type Build = keyof typeof BUILDS;

export function scriptSubject(toolchain: Toolchain, build: Build): Subject {
  return {
    name: `Go ${toolchain}`,
    build,
    executable: () => buildGo('script/main.go', { toolchain, ...BUILDS[build] }),
    calls: SCRIPT_CALLS,
    checks: (run) => {
      const script = { ...run, told: JSON.parse(run.stdout) as Told };
      return {
        goroutines: checkGoroutines(script),
        labels: checkLabels(script),
        calls: checkCalls(script),
        deeds: checkDeeds(script),
      };
    },
  };
}

/** C calls back into Go, on threads that Go did not make; the program prints how often. */
export function callbackSubject(toolchain: Toolchain): Subject {
  return {
    name: `Go ${toolchain}`,
    build: 'cgo, callbacks',
    executable: () => buildGo('cgo-callback/main.go', { toolchain, cgo: true }),
    calls: ['main.goCallback'],
    checks: (run) => ({ calls: { what: 'calls', told: Number(run.stdout), recorded: returnedCalls(run) } }),
  };
}

/** Switches goroutines without the scheduler; the program prints the sum of the numbers 0, 1, 2, … that it pulled. */
export function iteratorSubject(toolchain: Toolchain): Subject {
  return {
    name: `Go ${toolchain}`,
    build: 'iter.Pull',
    executable: () => buildGo('iter-pull/main.go', { toolchain }),
    calls: ['main.numbers'],
    checks: (run) => {
      const told = (1 + Math.sqrt(1 + 8 * Number(run.stdout))) / 2;
      const { rows, goroutines } = run.trace;
      const main = goroutines.find(({ startFunction }) => startFunction === 'runtime.main')?.goid;
      const pulls = rows.filter(
        ({ goid, to, reason }) => goid === main && to === GoState.waiting && reason === 'coroutine',
      );
      return {
        calls: { what: 'calls', told: 1, recorded: returnedCalls(run) },
        deeds: [{ what: 'pulls, the last of which is in vain', told: told + 1, recorded: pulls.length }],
      };
    },
  };
}

/** iter.Pull came with Go 1.23. */
function hasIterators(toolchain: Toolchain): boolean {
  return Number(toolchain.split('.')[1]) >= 23;
}

export const GO_SUBJECTS: readonly Subject[] = ALL_TOOLCHAINS.flatMap((toolchain) => [
  ...(Object.keys(BUILDS) as Build[]).map((build) => scriptSubject(toolchain, build)),
  callbackSubject(toolchain),
  ...(hasIterators(toolchain) ? [iteratorSubject(toolchain)] : []),
]);

/** Package of npm → the Go release that it was built with is told by the executable. */
const ESBUILD_PACKAGES = [
  'esbuild-linux-64@0.15.18',
  ...['0.17.19', '0.19.12', '0.21.5', '0.23.1', '0.24.2', '0.25.12', '0.27.0', '0.28.2'].map(
    (version) => `@esbuild/linux-x64@${version}`,
  ),
];

export const RELEASE_SUBJECTS: readonly Subject[] = [...ESBUILD_PACKAGES.map(esbuildSubject), tscSubject()];

const MODULES = 40;

/** Bundles modules that import each other: each is parsed once, and so is esbuild's own runtime. */
function esbuildSubject(packageSpec: string): Subject {
  return {
    name: packageSpec.replace(/^.*@/, 'esbuild '),
    build: 'as published',
    executable: () => fetchFromNpm(packageSpec, 'bin/esbuild') ?? missing(packageSpec),
    args: (workspace) => [writeModules(workspace), '--bundle', '--minify', `--outfile=${workspace.path('out.js')}`],
    calls: ['github.com/evanw/esbuild/internal/js_parser.Parse'],
    checks: (run) => ({ calls: { what: 'modules parsed', told: MODULES + 1, recorded: returnedCalls(run) } }),
  };
}

function writeModules(workspace: Workspace): string {
  const folder = workspace.path('modules');
  mkdirSync(folder);
  for (let i = 0; i < MODULES; i++) {
    const next = i + 1 < MODULES ? `import { value as next } from './m${i + 1}.js';\n` : 'const next = 0;\n';
    writeFileSync(join(folder, `m${i}.js`), `${next}export const value = next + ${i};\n${'// filler\n'.repeat(500)}`);
  }
  return join(folder, 'm0.js');
}

/** Checks a file of its own; says with --listFiles what it read. */
function tscSubject(): Subject {
  const packageFolder = dirname(
    createRequire(import.meta.url).resolve('@typescript/typescript-linux-x64/package.json'),
  );
  const tsc = join(packageFolder, 'lib/tsc');
  const version = () =>
    spawnSync(tsc, ['--version'], { encoding: 'utf8' })
      .stdout.replace(/^Version /, '')
      .trim();
  return {
    name: `tsc ${version()}`,
    build: 'as published',
    executable: () => tsc,
    beside: readdirSync(dirname(tsc)).filter((name) => name.endsWith('.d.ts')),
    args: (workspace) => {
      writeFileSync(workspace.path('app.ts'), 'export const text: string = [1, 2].join();\n');
      return ['--noEmit', '--listFiles', workspace.path('app.ts')];
    },
    calls: ['github.com/microsoft/typescript-go/internal/parser.ParseSourceFile'],
    checks: listedFiles,
  };
}

function listedFiles(run: MeasuredRun): Checks {
  const told = run.stdout.split('\n').filter((line) => line.endsWith('.ts')).length;
  return { calls: { what: 'files parsed', told, recorded: returnedCalls(run) } };
}

function returnedCalls({ calls }: MeasuredRun): number {
  return calls.filter(({ outcome }) => outcome === 'returned').length;
}

function missing(packageSpec: string): never {
  throw new Error(`${packageSpec}: cannot be fetched from npm`);
}
