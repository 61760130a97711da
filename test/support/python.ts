/** A Python with the packages that other people read traces with, in `test/.cache`, made on first use. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE_FOLDER } from './go-build.js';

const PACKAGES = ['pyarrow==26.0.1', 'polars==2.1.0', 'duckdb==2.0.0', 'perfetto==0.59.1'] as const;
const TIMEOUT_MS = 400_000;

const key = createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 12);
const python = join(CACHE_FOLDER, `python-${key}`, 'bin', 'python3');

/**
 * Path of the interpreter; undefined when there is no Python, or PyPI cannot be reached.
 * @throws where CI is set: there it must work
 */
export function preparePython(): string | undefined {
  if (existsSync(python)) return python;
  const failure = makeEnvironment();
  if (failure === undefined) return python;
  if (process.env['CI']) throw new Error(`Python with ${PACKAGES.join(' ')}: ${failure}`);
  console.warn(`skipped: Python with ${PACKAGES.join(' ')}: ${failure}`);
  return undefined;
}

/** Made under another name first: half an environment is never taken for a whole one. Returns why it failed. */
function makeEnvironment(): string | undefined {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  const folder = mkdtempSync(join(CACHE_FOLDER, 'making-python-'));
  try {
    const failure =
      run('python3', ['-m', 'venv', folder]) ??
      run(join(folder, 'bin', 'python3'), ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...PACKAGES]);
    if (failure === undefined) publish(folder);
    return failure;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Another test process may have been faster: then that one's is as good. */
function publish(folder: string): void {
  try {
    renameSync(folder, join(CACHE_FOLDER, `python-${key}`));
  } catch (error) {
    if (!existsSync(python)) throw error;
  }
}

function run(command: string, args: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: TIMEOUT_MS });
  return status === 0 ? undefined : (error?.message ?? stderr.trim().split('\n').at(-1) ?? `status ${status}`);
}

/** @throws what Python wrote to stderr */
export function runPython(interpreter: string, script: string, args: readonly string[]): string {
  const result = spawnSync(interpreter, ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`python: ${result.error?.message ?? result.stderr}`);
  return result.stdout;
}
