/** Who may import whom. A new edge is a decision: it is made here first. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importsOf, type SourceImport, sourceFiles } from './support/source-imports.js';

/** Folders, and files beside them, by what they may import beside themselves. `types:` allows types alone. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  base: [],
  goexe: ['model', 'base'],
  capture: ['model', 'base', 'goexe'],
  trace: ['model', 'base'],
  replay: ['model', 'base'],
  analyze: ['model', 'base'],
  convert: ['model', 'base'],
  report: ['model', 'base', 'types:analyze'],
  cli: ['model', 'base', 'goexe', 'capture', 'trace', 'replay', 'analyze', 'convert', 'report'],
  'main.ts': ['base', 'cli'],
  'index.ts': ['model', 'base', 'trace', 'replay', 'analyze', 'convert', 'cli'],
};

/** One package, one place. */
const IMPORTERS: Readonly<Record<string, RegExp>> = {
  'iced-x86': /^goexe\/x86-decoder\.ts$/,
  koffi: /^capture\/[a-z]+-bindings\.ts$/,
  // Tables for others are Arrow as well, but not those of trace files: other columns, no compression, nulls.
  'apache-arrow': /^(?:trace|convert\/tables)\//,
  'parquet-wasm': /^convert\/tables\/parquet-encoder\.ts$/,
  'zstd-napi': /^trace\//,
  fzstd: /^trace\/zstd-codec-browser\.ts$/,
  long: /^trace\//,
  // Only the code that is generated from schemas/, which is not read here.
  protobufjs: /^$/,
  yargs: /^cli\//,
  'cli-table3': /^report\/text-table\.ts$/,
  // Of the page, which is bundled when gotape is built.
  echarts: /^report\/html\/page\/chart\.ts$/,
};

/** In what is shipped already, so that nobody has to install them. */
const BUNDLED = { echarts: '' };

const folderOf = (file: string) => file.split('/')[0]!;
const imports = sourceFiles().flatMap((file) => importsOf(file));

function breaksRule({ file, target, isTypeOnly }: SourceImport): boolean {
  const [from, to] = [folderOf(file), folderOf(target)];
  if (from === to) return false;
  const allowed = ALLOWED[from] ?? [];
  return !(allowed.includes(to) || (isTypeOnly && allowed.includes(`types:${to}`)));
}

const sentence = ({ file, target }: SourceImport) => `${file} imports ${target}`;

describe('imports', () => {
  test('of folders follow the list', () => {
    const broken = imports.filter((edge) => edge.isLocal && breaksRule(edge));
    expect(broken.map(sentence)).toEqual([]);
  });

  test('of every folder are ruled', () => {
    expect([...new Set(sourceFiles().map(folderOf))].filter((folder) => !(folder in ALLOWED))).toEqual([]);
  });

  test('of capture from the command line load it only when recording: types apart, they are dynamic and in one place', () => {
    const loading = imports.filter(
      ({ file, target, isTypeOnly }) => folderOf(file) !== 'capture' && folderOf(target) === 'capture' && !isTypeOnly,
    );
    expect(loading.map(sentence)).toEqual(['cli/record-target.ts imports capture/index.ts']);
  });

  test('of a package are in one place', () => {
    const broken = imports.filter(
      ({ file, target, isLocal }) => !isLocal && target in IMPORTERS && !IMPORTERS[target]!.test(file),
    );
    expect(broken.map(sentence)).toEqual([]);
  });

  test('of packages are those of package.json, and all of those', () => {
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as {
      dependencies: Record<string, string>;
      optionalDependencies: Record<string, string>;
    };
    const packages = Object.keys({ ...dependencies, ...optionalDependencies, ...BUNDLED });
    const imported = imports.filter(({ isLocal, target }) => !isLocal && !target.startsWith('node:'));
    // Generated code is made by the build.
    const used = new Set([...imported.map(({ target }) => target), 'protobufjs']);
    expect([...used].toSorted()).toEqual(packages.toSorted());
    expect(packages.filter((name) => !(name in IMPORTERS))).toEqual([]);
  });
});

describe('the reader of imports', () => {
  const text = `import type { A } from '../analyze/a.js';
import { type B, type C } from '../base/b.js';
import {
  type D,
  e,
} from 'koffi/lib/x';
export * from './f.js';
import './g.js';
const h = () => import('@scope/h/part');`;

  test('sees static, type-only, re-exporting, bare and dynamic ones', () => {
    expect(importsOf('cli/x.ts', text).map(({ target, isTypeOnly }) => `${target} ${isTypeOnly}`)).toEqual([
      'analyze/a.ts true',
      'base/b.ts true',
      'koffi false',
      'cli/f.ts false',
      'cli/g.ts false',
      '@scope/h false',
    ]);
  });
});
