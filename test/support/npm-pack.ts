/** Files of published npm packages, kept in `test/.cache`: real Go executables of known releases. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE_FOLDER } from './go-build.js';

/** Path of a file in a package, `('@esbuild/linux-x64@0.17.19', 'bin/esbuild')`; undefined when it cannot be fetched. */
export function fetchFromNpm(packageSpec: string, file: string): string | undefined {
  const path = join(CACHE_FOLDER, 'npm', packageSpec.replaceAll(/[^\w.-]+/g, '_'));
  if (!existsSync(path) && !fetchPackage(packageSpec, path)) return undefined;
  return join(path, file);
}

function fetchPackage(packageSpec: string, path: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  const folder = mkdtempSync(join(dirname(path), 'fetching-'));
  try {
    const packed = spawnSync('npm', ['pack', '--silent', packageSpec], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    const archive = packed.stdout.trim().split('\n').at(-1) ?? '';
    if (packed.status !== 0 || spawnSync('tar', ['xzf', archive], { cwd: folder }).status !== 0) return false;
    renameSync(join(folder, 'package'), path);
    return true;
  } catch {
    return existsSync(path); // Another process was quicker.
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
