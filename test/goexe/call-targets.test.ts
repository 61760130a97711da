import { describe, expect, test } from 'vitest';
import { FileSource } from '../../src/base/file-source.js';
import type { CallTarget, CallTargets } from '../../src/goexe/call-targets.js';
import { matchesFunction } from '../../src/goexe/function-search.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';
import { buildGo, type GoBuildOptions, runGo, TOOLCHAINS } from '../support/go-build.js';

function targetsOf(options: GoBuildOptions, ...patterns: readonly string[]): Promise<CallTargets> {
  const path = buildGo('calls/main.go', options);
  return inspectGoExecutable(new FileSource(path), path).callTargets(patterns);
}

async function targetOf(options: GoBuildOptions, pattern: string): Promise<CallTarget> {
  const { targets } = await targetsOf(options, pattern);
  expect(targets).toHaveLength(1);
  return targets[0]!;
}

/** Argument by name → the registers it lies in, or what is there in their place. */
async function argumentsOf(options: GoBuildOptions, pattern: string): Promise<Record<string, unknown>> {
  const { parameters } = await targetOf(options, pattern);
  if (typeof parameters === 'string') throw new Error(parameters);
  return Object.fromEntries(parameters.map(({ name, type, value }) => [`${name} ${type}`, value]));
}

/** Offsets of the RETs that Go's own disassembler finds. */
function returnsByGo(options: GoBuildOptions, { name, entry }: CallTarget): number[] {
  const pattern = `^${name.replace(/[.*()[\]]/g, '\\$&')}$`;
  const listing = runGo(['tool', 'objdump', '-s', pattern, buildGo('calls/main.go', options)], { options });
  const lines = [...listing.matchAll(/\t0x([0-9a-f]+)\t+[0-9a-f]+\t+RET/g)];
  return lines.map((line) => Number.parseInt(line[1]!, 16) - entry);
}

const builds: readonly (readonly [string, GoBuildOptions])[] = [
  ...TOOLCHAINS.map((toolchain) => [`Go ${toolchain}`, { toolchain }] as const),
  ['Go 1.26.8 -N -l', { unoptimized: true }],
  ['Go 1.26.8 for arm64', { arch: 'arm64' }],
];

describe.each(builds)('functions of a program of %s', (_, options) => {
  test('have their returns where Go’s disassembler sees them', async () => {
    const { targets } = await targetsOf(options, 'main.recurse', 'main.deep', 'main.catches', 'main.point.moved');
    expect(targets).toHaveLength(4);
    for (const target of targets) {
      if (typeof target.points === 'string') throw new Error(target.points);
      const offsets = target.points.returns.map(({ offset }) => offset);
      expect(offsets).toEqual(returnsByGo(options, target));
      expect(offsets.length).toBeGreaterThan(0);
    }
  });

  test('are entered behind the check of their stack, which may begin them twice', async () => {
    const { points } = await targetOf(options, 'main.deep');
    // cmp and a short jump are the shortest check there is.
    expect(points).toMatchObject({ entry: { offset: expect.toSatisfy((offset: number) => offset >= 6) } });
  });

  test('have a line', async () => {
    const { file, line } = await targetOf(options, 'main.recurse');
    expect(`${file}:${line}`).toMatch(/\/main\.go:\d+$/);
  });
});

describe.each(builds)('arguments in %s', (_, options) => {
  test('lie in registers by their type', async () => {
    const int = (at: number) => ({ kind: 'integer', bytes: 8, signed: true, at });
    expect(await argumentsOf(options, 'main.(*server).handle')).toEqual({
      's *main.server': { kind: 'pointer', at: 0 },
      'id int': int(1),
      'name string': { kind: 'string', at: 2, length: 3 },
      'ok bool': { kind: 'bool', at: 4 },
      'err error': { kind: 'interface', at: 5 },
    });
  });

  test('that are structs lie field by field, floating point numbers elsewhere', async () => {
    const fields = [
      { name: 'x', value: { kind: 'integer', bytes: 4, signed: true, at: 0 } },
      { name: 'y', value: { kind: 'integer', bytes: 4, signed: true, at: 1 } },
      { name: 'name', value: { kind: 'string', at: 2, length: 3 } },
    ];
    expect(await argumentsOf(options, 'main.point.moved')).toEqual({
      'p main.point': { kind: 'struct', fields },
      'by int8': { kind: 'integer', bytes: 1, signed: true, at: 4 },
      'far uint16': { kind: 'integer', bytes: 2, signed: false, at: 5 },
      'scale float64': { kind: 'other', at: 'float register' },
    });
  });

  test('that find no register are on the stack, and so are arrays', async () => {
    const wide = await argumentsOf(options, 'main.wide');
    expect(wide['i int']).toMatchObject({ at: 8 });
    expect(wide['j int']).toMatchObject({ at: options.arch === 'arm64' ? 9 : 'stack' });
    expect((await argumentsOf(options, 'main.deep'))['pad [40]int64']).toEqual({ kind: 'other', at: 'stack' });
  });
});

describe('a function', () => {
  test('of generic code is found once for each of its instances', async () => {
    const { targets } = await targetsOf({}, 'main.sum[*');
    expect(targets.map(({ fullName }) => fullName).toSorted()).toEqual([
      'main.sum[go.shape.float64]',
      'main.sum[go.shape.int]',
    ]);
    for (const { parameters } of targets) {
      // Its first register holds a dictionary, which is no argument.
      expect(parameters).toMatchObject([
        { name: 'values', value: { kind: 'slice', at: 1 } },
        { name: 'why', value: { kind: 'string', at: 4 } },
      ]);
    }
  });

  test('without DWARF has no arguments, and says why', async () => {
    const { parameters, points } = await targetOf({ stripped: true }, 'main.recurse');
    expect(parameters).toMatch(/has no DWARF/);
    expect(points).toMatchObject({ entry: {} });
  });

  test('in assembly is not probed', async () => {
    const { points } = await targetOf({}, 'runtime.memmove');
    expect(points).toMatch(/assembly/);
  });

  test('that every caller has inlined is named, but has no place', async () => {
    expect(await targetsOf({}, 'main.nilness')).toEqual({ targets: [], inlined: ['main.nilness'] });
  });

  test('that a wrapper between calling conventions wraps is found once', async () => {
    const { targets } = await targetsOf({}, 'runtime.sigpanic', 'runtime.goexit0', 'main.main');
    expect(targets.map(({ name }) => name).toSorted()).toEqual(['main.main', 'runtime.goexit0', 'runtime.sigpanic']);
  });

  test('is one of 200 at most', async () => {
    await expect(targetsOf({}, 'runtime.*')).rejects.toThrow(/functions match, expected 200 at most/);
  });
});

describe('a pattern', () => {
  test.each([
    ['main.f', 'main.f', true],
    ['main.f', 'main.ff', false],
    ['main.*', 'main.(*T).M', true],
    ['main.(*Server).Handle', 'main.(*Server).Handle', true],
    ['main.(*Server).Handle', 'main.(*HTTPServer).Handle', false],
    ['main.(**).Handle', 'main.(*HTTPServer).Handle', true],
    ['main.(**).Handle', 'main.Server.Handle', false],
    ['main.Map[*', 'main.Map[go.shape.int]', true],
  ])('%s names %s: %s', (pattern, name, matches) => {
    expect(matchesFunction(pattern, name)).toBe(matches);
  });
});
