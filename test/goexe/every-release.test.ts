/** Real executables of every supported Go release, held against what Go's own tools and source say of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SourceLocation } from '../../src/goexe/go-executable.js';
import { ALL_FIELDS, goRelease } from '../../src/goexe/go-releases.js';
import { GoState } from '../../src/model/go-state.js';
import { isExecutingReason } from '../../src/model/wait-reason.js';
import { buildGo, runGo, TOOLCHAINS } from '../support/go-build.js';
import { addressesToLines, functionsByNm, inspectFile, instructionAt, offsetsOf, probeOf, run } from './go-truth.js';

describe.each(TOOLCHAINS)('an executable of Go %s', (toolchain) => {
  const path = buildGo('known/main.go', { toolchain });
  const executable = inspectFile(path);
  const minor = Number(toolchain.split('.')[1]);

  test('tells its version and module as `go version -m` does', () => {
    const truth = runGo(['version', '-m', path]);
    expect(truth).toContain(`: ${executable.goVersion.text}\n`);
    expect(truth).toContain(`path\t${executable.module?.mainPackage}\n`);
    expect(truth).toContain(`mod\t${executable.module?.path}\t${executable.module?.version}`);
    expect(executable.goVersion).toMatchObject({ major: 1, minor, patch: Number(toolchain.split('.')[2]) });
    expect(executable.warnings).toEqual([]);
  });

  test('tells its build ids as `go tool buildid` and `readelf -n` do', () => {
    expect(executable.goBuildId).toBe(runGo(['tool', 'buildid', path]).trim());
    const gnu = /Build ID: ([0-9a-f]+)/.exec(run('readelf', ['-n', path]))?.[1] ?? '';
    expect(executable.gnuBuildId).toBe(gnu);
  });

  test('has every function where `go tool nm` has it', () => {
    const wrong = functionsByNm(path).filter(({ name, address }) => {
      const found = executable.functionAt(address);
      return found?.entry !== address || found.name !== name.replace(/\.abi(0|internal)$/, '');
    });
    // Not functions: marks at the ends of the text. Named differently in the two tables: generated comparisons.
    const others = /^(runtime\.e?text|go:textfips(start|end)|type[.:]\.eq\..*)$/;
    expect(wrong.map(({ name }) => name).filter((name) => !others.test(name))).toEqual([]);
  });

  test('has source lines as `go tool addr2line` has them', () => {
    const functions = functionsByNm(path).filter((_, i) => i % 40 === 0);
    const addresses = functions.flatMap(({ address }) => [address, address + 13, address + 40]);
    const seen = addresses.map((pc) => {
      const frames = executable.inlinedFrames(pc);
      return `${frames.at(-1)?.function ?? '?'} ${frames[0]?.file ?? '?'}:${frames[0]?.line ?? 0}`;
    });
    expect(seen).toEqual(addressesToLines(path, addresses));
  });

  test('expands inlined calls as its own runtime does', () => {
    const program = buildGo('inlined/main.go', { toolchain, stripped: true });
    const truth: { readonly pcs: readonly number[]; readonly frames: readonly SourceLocation[] } = JSON.parse(
      run(program, []),
    );
    const inspected = inspectFile(program);
    // runtime.Callers gives an address for every frame, inlined or not; the frames at each one go on to their physical caller.
    const chains = truth.pcs.map((pc) => inspected.inlinedFrames(pc - 1));
    expect(chains).toEqual(chains.map(({ length }, i) => truth.frames.slice(i, i + length)));
    const names = chains.find(([innermost]) => innermost?.function === 'main.inner')?.map((frame) => frame.function);
    expect(names).toEqual(['main.inner', 'main.middle', 'main.outer', 'main.outermost']);
  });

  test('has struct offsets in its DWARF that equal the version table', () => {
    const release = goRelease(minor);
    const table = Object.fromEntries(ALL_FIELDS.map((field) => [field, release?.offset(field)]));
    expect({ ...table, ...offsetsOf(executable) }).toEqual(table);
    expect(Object.values(executable.layout).map(({ source }) => source)).toEqual(
      Object.values(executable.layout).map(() => 'dwarf'),
    );
  });

  test('has the wait reasons and states of its runtime source', () => {
    const source = readFileSync(join(goRoot(toolchain), 'src/runtime/runtime2.go'), 'utf8');
    expect(executable.waitReasons).toEqual(waitReasonsInSource(source));
    for (const [name, state] of Object.entries(GoState)) {
      const found = new RegExp(`^\\t_G${name}(?:_unused)?\\b.*// (\\d+)$`, 'm').exec(source)?.[1];
      if (found !== undefined) expect(Number(found)).toBe(state);
    }
  });

  test('waits on the system stack for reasons that are known not to block', () => {
    const source = readFileSync(join(goRoot(toolchain), 'src/runtime/runtime2.go'), 'utf8');
    const texts = new Map([...source.matchAll(/^\t(waitReason\w+): +"(.*)",$/gm)].map((match) => [match[1], match[2]]));
    // Go 1.24 and later list them; `dumping heap` is in no list.
    const [, list = ''] = /^var isWaitingForSuspendG = .*\{\n([^}]*)\}/m.exec(source) ?? [];
    const listed = [...list.matchAll(/^\t(\w+): +true,$/gm)].map((match) => texts.get(match[1]) ?? '');
    expect(listed.length).toBeGreaterThanOrEqual(minor >= 24 ? 10 : 0);
    expect(listed.filter((reason) => !isExecutingReason(reason))).toEqual([]);
  });

  test('carries its probes on instructions that the kernel emulates', () => {
    const entries = new Map(functionsByNm(path).map(({ name, address }) => [name, address]));
    const bytes = readFileSync(path);
    for (const probe of executable.probes) {
      if (!probe.present) continue;
      const entry = entries.get(probe.symbol) ?? 0;
      expect(probe.vaddr).toBe(entry + probe.offset);
      expect(probe.emulated).toBe(true);
      const instruction = instructionAt(path, entry, probe.vaddr) ?? '';
      expect(instruction.split(' ')[0]).toBe(probe.instruction.split(' ')[0]);
      expect([0x55, 0x90, 0x75, 0x76]).toContain(bytes[probe.fileOffset]);
    }
    expect(executable.probes.filter(({ present }) => present)).toHaveLength(minor >= 26 ? 6 : 4);
  });

  test('keeps the arguments of casgstatus intact at its probe', () => {
    const { offset, instruction, returnAddressAt, framePointer } = probeOf(executable, 'runtime.casgstatus');
    const expected =
      minor < 21
        ? { offset: 0x1f, instruction: 'nop', returnAddressAt: 0x40, framePointer: 'own' }
        : { offset: 0, instruction: 'push %rbp', returnAddressAt: 0, framePointer: 'caller' };
    expect({ offset, instruction, returnAddressAt, framePointer }).toEqual(expected);
  });

  test('names the function of a go statement, not the wrapper around it', () => {
    const wrappers = functionsByNm(path).filter(({ name }) => /^main\.run\.(gowrap\d+|func\d+)$/.test(name));
    const started = wrappers.map(({ address }) => executable.startFunctionAt(address)?.name);
    expect(started).toEqual(expect.arrayContaining(['main.chanReceiver', 'main.condWaiter', 'main.netReader']));
    const plain = functionsByNm(path).find(({ name }) => name === 'main.shortLivedGoroutine');
    expect(executable.startFunctionAt(plain?.address ?? 0)?.name).toBe('main.shortLivedGoroutine');
  });

  test('gives the same when it is stripped, from the version table', () => {
    const stripped = inspectFile(buildGo('known/main.go', { toolchain, stripped: true }));
    expect(offsetsOf(stripped)).toEqual(offsetsOf(executable));
    expect(stripped.layout['g.goid'].source).toBe(`table go1.${minor}`);
    expect(stripped.waitReasons).toEqual(executable.waitReasons);
    expect(stripped.probes.map((probe) => ({ ...probe, vaddr: 0, fileOffset: 0 }))).toEqual(
      executable.probes.map((probe) => ({ ...probe, vaddr: 0, fileOffset: 0 })),
    );
    expect(stripped.warnings).toEqual([]);
  });
});

function goRoot(toolchain: (typeof TOOLCHAINS)[number]): string {
  return runGo(['env', 'GOROOT'], { options: { toolchain } }).trim();
}

/** `waitReasonSelect: "select",` in order of the constants, which is also the order of the array. */
function waitReasonsInSource(source: string): readonly string[] {
  const constants = /waitReasonZero +waitReason = iota.*?\n\)/s.exec(source)?.[0] ?? '';
  const order = [...constants.matchAll(/^\t(waitReason\w+)/gm)].map((match) => match[1] ?? '');
  const first = 'waitReasonZero';
  const texts = new Map([...source.matchAll(/^\t(waitReason\w+): +"(.*)",/gm)].map((match) => [match[1], match[2]]));
  return [first, ...order].filter((name, i) => i === 0 || name !== first).map((name) => texts.get(name) ?? '');
}
