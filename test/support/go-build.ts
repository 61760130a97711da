/** Builds test programs with real Go toolchains, once: the executables stay in `test/.cache`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const testFolder = fileURLToPath(new URL('..', import.meta.url));
export const CACHE_FOLDER = join(testFolder, '.cache');

/** One patch release per supported minor; Go downloads what is not there. */
export const ALL_TOOLCHAINS = [
  '1.19.13',
  '1.20.14',
  '1.21.13',
  '1.22.12',
  '1.23.12',
  '1.24.13',
  '1.25.7',
  '1.26.8',
  '1.27.1',
] as const;
export type Toolchain = (typeof ALL_TOOLCHAINS)[number];

/** Every kind of difference there is; all of them with `GOTAPE_ALL_GO=1`. */
export const TOOLCHAINS: readonly Toolchain[] =
  process.env['GOTAPE_ALL_GO'] === '1'
    ? ALL_TOOLCHAINS
    : ['1.19.13', '1.20.14', '1.22.12', '1.24.13', '1.26.8', '1.27.1'];

export interface GoBuildOptions {
  readonly toolchain?: Toolchain;
  /** Without symbol table and DWARF: `-ldflags='-s -w'`. */
  readonly stripped?: boolean;
  readonly pie?: boolean;
  readonly cgo?: boolean;
  /** Linked by the C compiler; needs `cgo`. */
  readonly externalLink?: boolean;
  readonly race?: boolean;
  /** DWARF as it is, not packed: `-ldflags=-compressdwarf=false`. */
  readonly plainDwarf?: boolean;
  /** Without optimization and inlining, as debuggers like it: `-gcflags='all=-N -l'`. */
  readonly unoptimized?: boolean;
  readonly arch?: 'amd64' | 'arm64' | '386';
}

/**
 * Path of the executable built from a program under `test/programs`, as in `buildGo('known/main.go', { pie: true })`.
 * Safe when several test processes ask for it at once: each builds in a folder of its own, the last rename wins.
 */
export function buildGo(sourceFile: string, options: GoBuildOptions = {}): string {
  const source = join(testFolder, 'programs', sourceFile);
  const key = createHash('sha256')
    .update(readFileSync(source))
    .update(JSON.stringify(normalize(options)))
    .digest('hex');
  const program = basename(dirname(source));
  const path = join(CACHE_FOLDER, 'go', `${program}-${key.slice(0, 16)}`);
  if (!existsSync(path)) build(source, program, options, path);
  return path;
}

/** Path of the executable built from a module under `test`, with what it needs from the Go proxy: `buildGoModule('truth/x')`. */
export function buildGoModule(module: string): string {
  const folder = join(testFolder, module);
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(folder, name)));
  const path = join(CACHE_FOLDER, 'go', `${basename(module)}-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    runGo(['build', '-o', `${path}.${process.pid}`, '.'], { folder });
    renameSync(`${path}.${process.pid}`, path);
  }
  return path;
}

function normalize(options: GoBuildOptions): readonly (readonly [string, unknown])[] {
  return Object.entries({ toolchain: '1.26.8', ...options }).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function build(source: string, program: string, options: GoBuildOptions, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const folder = mkdtempSync(join(dirname(path), 'building-'));
  try {
    copyFileSync(source, join(folder, 'main.go'));
    const language = readFileSync(source, 'utf8').includes('"iter"') ? '1.23' : '1.19';
    writeFileSync(join(folder, 'go.mod'), `module example.com/gotape/${program}\n\ngo ${language}\n`);
    runGo(['build', ...flags(options), '-o', 'out', '.'], { folder, options });
    renameSync(join(folder, 'out'), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function flags(options: GoBuildOptions): string[] {
  const linker = [
    ...(options.stripped ? ['-s', '-w'] : []),
    ...(options.plainDwarf ? ['-compressdwarf=false'] : []),
    ...(options.externalLink ? ['-linkmode=external'] : []),
  ];
  return [
    '-trimpath',
    '-buildvcs=false',
    ...(linker.length > 0 ? [`-ldflags=${linker.join(' ')}`] : []),
    ...(options.pie ? ['-buildmode=pie'] : []),
    ...(options.race ? ['-race'] : []),
    ...(options.unoptimized ? ['-gcflags=all=-N -l'] : []),
  ];
}

/** Runs a go command of the given toolchain and returns its output. */
export function runGo(
  args: readonly string[],
  { folder = testFolder, options = {} }: { readonly folder?: string; readonly options?: GoBuildOptions } = {},
): string {
  const env = {
    ...process.env,
    GOTOOLCHAIN: `go${options.toolchain ?? '1.26.8'}`,
    GOARCH: options.arch ?? 'amd64',
    CGO_ENABLED: options.cgo || options.race ? '1' : '0',
    GOFLAGS: '',
    GOWORK: 'off',
  };
  const result = spawnSync('go', args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status === 0) return result.stdout;
  throw new Error(
    `go ${args.join(' ')} (go${options.toolchain ?? '1.26.8'}): ${result.error?.message ?? result.stderr}`,
  );
}
