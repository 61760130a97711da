/** Executables as they are really linked and shipped: PIE, cgo, race, other architectures, without sections or build info. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import type { GoExecutable } from '../../src/goexe/go-executable.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';
import { buildGo, type GoBuildOptions } from '../support/go-build.js';
import { fetchFromNpm } from '../support/npm-pack.js';
import { functionsByNm, inspectFile, instructionAt, offsetsOf, probeOf, run } from './go-truth.js';

const moduleFolder = (name: string) => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));

/** Without its section headers, as `sstrip` leaves it. */
function withoutSections(path: string): GoExecutable {
  const bytes = Buffer.from(readFileSync(path));
  bytes.writeBigUInt64LE(0n, 40);
  bytes.writeUInt16LE(0, 60);
  bytes.writeUInt16LE(0, 62);
  return inspectGoExecutable(bytesSource(bytes), path);
}

const shapes: readonly (readonly [string, string, GoBuildOptions])[] = [
  ['a PIE of Go 1.20', 'known/main.go', { toolchain: '1.20.14', pie: true }],
  ['a PIE of Go 1.27', 'known/main.go', { toolchain: '1.27.1', pie: true }],
  ['a cgo executable of Go 1.23', 'cgo-call/main.go', { toolchain: '1.23.12', cgo: true }],
  ['a cgo executable of Go 1.27', 'cgo-call/main.go', { toolchain: '1.27.1', cgo: true }],
  [
    'a PIE linked by gcc of Go 1.23',
    'cgo-call/main.go',
    { toolchain: '1.23.12', cgo: true, pie: true, externalLink: true },
  ],
  [
    'a PIE linked by gcc of Go 1.27',
    'cgo-call/main.go',
    { toolchain: '1.27.1', cgo: true, pie: true, externalLink: true },
  ],
  ['a race detector build', 'known/main.go', { toolchain: '1.26.8', race: true }],
  ['a build without optimization', 'known/main.go', { toolchain: '1.26.8', unoptimized: true }],
];

describe.each(shapes)('%s', (_, program, options) => {
  const path = buildGo(program, options);
  const executable = inspectFile(path);
  const entries = new Map(functionsByNm(path).map(({ name, address }) => [name, address]));

  test('has its probes where the symbol table has the functions', () => {
    for (const probe of executable.probes.filter(({ present }) => present)) {
      const { vaddr, offset, instruction, emulated } = probeOf(executable, probe.symbol);
      expect(vaddr - offset).toBe(entries.get(probe.symbol));
      expect(emulated).toBe(true);
      expect(instructionAt(path, vaddr - offset, vaddr)?.split(' ')[0]).toBe(instruction.split(' ')[0]);
    }
  });

  test('tells whether it is position-independent', () => {
    expect(executable.positionIndependent).toBe(options.pie ?? false);
    // Not 0 in every PIE: Go's own linker keeps 0x400000.
    const [, fileOffset, vaddr] = /LOAD +0x([0-9a-f]+) 0x([0-9a-f]+)/.exec(run('readelf', ['-lW', path])) ?? [];
    expect(executable.firstLoad).toEqual({ vaddr: Number(`0x${vaddr}`), fileOffset: Number(`0x${fileOffset}`) });
  });

  test('gives the same addresses and offsets when it is stripped', () => {
    const stripped = inspectFile(buildGo(program, { ...options, stripped: true }));
    expect(offsetsOf(stripped)).toEqual(offsetsOf(executable));
    expect(stripped.probes.map(({ present, symbol }) => [symbol, present])).toEqual(
      executable.probes.map(({ present, symbol }) => [symbol, present]),
    );
    const main = [...entries].find(([name]) => name === 'main.main')?.[1] ?? 0;
    expect(executable.functionAt(main)?.name).toBe('main.main');
    expect(executable.symbolize(main)?.file).toMatch(/main\.go$/);
  });

  test('is understood without section headers', () => {
    const bare = withoutSections(buildGo(program, { ...options, stripped: true }));
    expect(bare.goVersion.text).toBe(`go${options.toolchain}`);
    expect(offsetsOf(bare)).toEqual(offsetsOf(executable));
  });
});

test('iter.Pull brings coroswitch_m, with its probe behind the stack check', () => {
  for (const toolchain of ['1.23.12', '1.27.1'] as const) {
    const probe = probeOf(inspectFile(buildGo('iter-pull/main.go', { toolchain })), 'runtime.coroswitch_m');
    expect(probe).toMatchObject({
      instruction: 'push %rbp',
      emulated: true,
      returnAddressAt: 0,
      framePointer: 'caller',
    });
    expect(probe.offset).toBe(toolchain === '1.23.12' ? 0x0a : 0x0f);
  }
});

test('a program without iter.Pull says why coroswitch_m has no probe', () => {
  const { probes } = inspectFile(buildGo('known/main.go', { toolchain: '1.27.1' }));
  expect(probes.find(({ symbol }) => symbol === 'runtime.coroswitch_m')).toEqual({
    present: false,
    symbol: 'runtime.coroswitch_m',
    why: 'not in this binary: it does not use iter.Pull',
  });
});

test.each([
  '1.20.14',
  '1.27.1',
] as const)('an arm64 executable of Go %s is understood, with probes at the entries', (toolchain) => {
  const path = buildGo('known/main.go', { toolchain, arch: 'arm64' });
  const executable = inspectFile(path);
  expect(executable.arch).toBe('arm64');
  expect(executable.warnings).toEqual([]); // also: machine code, DWARF and table agree
  const probe = probeOf(executable, 'runtime.casgstatus');
  expect(probe).toMatchObject({ offset: 0, emulated: false, returnAddressAt: -1 });
  expect(probe.vaddr).toBe(functionsByNm(path).find(({ name }) => name === probe.symbol)?.address);
  const stripped = inspectFile(buildGo('known/main.go', { toolchain, arch: 'arm64', stripped: true }));
  expect(offsetsOf(stripped)).toEqual(offsetsOf(executable));
});

test("TypeScript's compiler is a stripped Go 1.26 executable with build info", () => {
  const executable = inspectFile(join(moduleFolder('@typescript/typescript-linux-x64'), 'lib/tsc'));
  expect(executable.goVersion).toMatchObject({ minor: 26, source: 'build info' });
  expect(executable.module?.path).toBe('github.com/microsoft/typescript-go');
  expect(probeOf(executable, 'runtime.exitsyscall').instruction).toBe('push %rbp');
});

test('esbuild tells its Go version without build info', () => {
  const executable = inspectFile(join(moduleFolder('@esbuild/linux-x64'), 'bin/esbuild'));
  expect(executable.goVersion).toMatchObject({ minor: 26, source: 'string in read-only data' });
  expect(executable.goVersion.text).toMatch(/^go1\.26\.\d+$/);
  expect(executable.module).toBeUndefined();
  expect(executable.warnings).toEqual([]);
});

describe.each([
  ['0.17.19', 'go1.20.4', 'build info'],
  ['0.27.3', 'go1.25.7', 'string in read-only data'],
])('esbuild %s as published', (version, go, source) => {
  const path = fetchFromNpm(`@esbuild/linux-x64@${version}`, 'bin/esbuild');

  test.skipIf(path === undefined)(`was built with ${go} (skipped when npm is out of reach)`, () => {
    const executable = inspectFile(path ?? '');
    expect(executable.goVersion).toMatchObject({ text: go, source });
    expect(probeOf(executable, 'runtime.casgstatus').emulated).toBe(true);
  });
});
