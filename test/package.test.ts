/** The package as npm would publish it: what is in it, and that it works where it is installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIXTURE, Folder } from './cli/gotape.js';
import { describeWithBpf } from './support/bpf-available.js';

const project = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  version: string;
  exports: { '.': { types: string; default: string } };
};
const folder = mkdtempSync(join(tmpdir(), 'gotape-package-'));
let files: readonly string[];

beforeAll(() => {
  const packed = run('npm', ['pack', '--json', '--pack-destination', folder], project);
  files = (JSON.parse(packed) as [{ files: { path: string }[] }])[0].files.map(({ path }) => path);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** stdout; anything but success is thrown with all that was said. */
function run(command: string, args: readonly string[], cwd = folder): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (result.status === 0) return result.stdout;
  throw new Error(`${command} ${args.join(' ')}: ${result.status}\n${result.stdout}\n${result.stderr}`);
}

describe('the package', () => {
  test('has the program, the BPF objects for both architectures, the schemas and the texts', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/main.js',
        'dist/bpf/gotape-x64.bpf.o',
        'dist/bpf/gotape-arm64.bpf.o',
        'dist/bpf/calls-x64.bpf.o',
        'dist/bpf/calls-arm64.bpf.o',
        'dist/trace/gen/trace.js',
        'dist/page/page.js',
        'dist/page/page.css',
        'schemas/trace.proto',
        'schemas/analysis.schema.json',
        'docs/format.md',
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'package.json',
      ]),
    );
  });

  test('has what package.json points to', () => {
    const { types, default: module } = manifest.exports['.'];
    expect(files).toEqual(expect.arrayContaining([types, module].map((path) => path.replace('./', ''))));
  });

  test('has nothing that only this repository needs', () => {
    const needless = files.filter((path) =>
      /^(test|fixtures|src|node_modules|out)\/|(^|\/)\.|\.(map|sh|png|log|zip|tgz)$/.test(path),
    );
    expect(needless).toEqual([]);
  });

  test('has no module that the source has no longer (npm run build:ts leaves old ones in dist)', () => {
    const stale = files
      .filter((path) => path.startsWith('dist/') && path.endsWith('.js') && !/\/gen\/|^dist\/page\//.test(path))
      .filter(
        (path) =>
          statSync(join(project, path.replace(/^dist(.*)\.js$/, 'src$1.ts')), { throwIfNoEntry: false }) === undefined,
      );
    expect(stale).toEqual([]);
  });

  test('is small', () => {
    expect(statSync(join(folder, `gotape-${manifest.version}.tgz`)).size).toBeLessThan(1 << 20);
  });
});

describe('installed in an empty folder', () => {
  beforeAll(() => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', `./gotape-${manifest.version}.tgz`]);
  });

  test('npx gotape --version prints the version', () => {
    expect(run('npx', ['gotape', '--version'])).toBe(`${manifest.version}\n`);
  });

  test('npx gotape info reads a trace', () => {
    expect(run('npx', ['gotape', 'info', FIXTURE])).toContain('trace       ');
  });

  test('import("gotape") is the library', () => {
    const names = run(process.execPath, ['-e', `import('gotape').then((all) => console.log(Object.keys(all).length))`]);
    expect(Number(names)).toBeGreaterThan(0);
  });

  describeWithBpf('as root', () => {
    test('npx gotape record records a program', () => {
      using work = new Folder();
      const trace = work.file('a.gotape.zip');
      run('npx', ['gotape', 'record', '-q', '-o', trace, '--', work.guest(), 'exit', '0']);
      expect(run('npx', ['gotape', 'info', trace])).toContain('stopped: target exited');
    });
  });
});
