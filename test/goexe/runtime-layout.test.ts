/** How the sources of struct offsets are weighed: DWARF, the version table, the machine code. */
import { expect, test } from 'vitest';
import type { GoVersion } from '../../src/goexe/go-executable.js';
import { parseGoVersion } from '../../src/goexe/go-version.js';
import { type Evidence, resolveLayout } from '../../src/goexe/runtime-layout.js';

function version(text: string): GoVersion {
  const parsed = parseGoVersion(text, 'build info');
  if (!parsed) throw new Error(text);
  return parsed;
}

const evidence = (text: string, more: Partial<Evidence> = {}): Evidence => ({
  name: 'app',
  version: version(text),
  dwarf: undefined,
  statusInCode: undefined,
  ...more,
});

const dwarf = new Map([
  ['runtime.gobuf', new Map(Object.entries({ sp: 0, pc: 8, bp: 40 }))],
  [
    'runtime.g',
    new Map(
      Object.entries({
        m: 48,
        sched: 56,
        syscallsp: 104,
        syscallpc: 112,
        atomicstatus: 144,
        goid: 152,
        waitreason: 176,
        gopc: 288,
        startpc: 304,
        labels: 352,
      }),
    ),
  ],
  ['runtime.m', new Map(Object.entries({ g0: 0, procid: 64, curg: 184, p: 208, id: 232 }))],
  ['runtime.p', new Map(Object.entries({ id: 0, status: 4 }))],
]);

test('a known release without DWARF takes its row of the table', () => {
  const { layout, warnings } = resolveLayout(evidence('go1.24.1', { statusInCode: 152 }));
  expect(layout['g.goid']).toEqual({ offset: 160, source: 'table go1.24' });
  expect(layout['g.sched.bp'].offset).toBe(104);
  expect(warnings).toEqual([]);
});

test('a field that the release does not have is missing', () => {
  const { layout } = resolveLayout(evidence('go1.19.3', { statusInCode: 144 }));
  expect(layout['g.parentGoid']).toBeUndefined();
  expect(layout['g.coroarg']).toBeUndefined();
});

test('DWARF goes before the table, and a difference between them is named', () => {
  const { layout, warnings } = resolveLayout(evidence('go1.25.1', { dwarf, statusInCode: 144 }));
  expect(layout['m.p']).toEqual({ offset: 208, source: 'dwarf' });
  expect(warnings.join()).toContain('DWARF differs from Go 1.25 in g.gopc, g.startpc, g.labels, m.p, m.id');
});

test('code that uses another offset than DWARF says is refused', () => {
  expect(() => resolveLayout(evidence('go1.26.1', { dwarf, statusInCode: 152 }))).toThrow(
    'runtime layout of app: g.atomicstatus is at 144 by dwarf, but runtime.casgstatus uses 152',
  );
});

test('DWARF without a field that is needed is refused by name', () => {
  const without = new Map([...dwarf, ['runtime.p', new Map([['id', 0]])]]);
  expect(() => resolveLayout(evidence('go1.26.1', { dwarf: without }))).toThrow('does not say where p.status lies');
});

test('an unknown newer release is read like the newest one whose status offset fits, with a warning', () => {
  const { layout, release, warnings } = resolveLayout(evidence('go1.31.2', { statusInCode: 152 }));
  expect(release.minor).toBe(24);
  expect(layout['g.goid']).toEqual({ offset: 160, source: 'disassembly' });
  expect(layout['g.startpc']).toEqual({ offset: 304, source: 'table go1.24' });
  expect(warnings).toEqual([
    'go1.31.2 is newer than gotape knows: struct offsets and wait reasons of Go 1.24 are assumed',
  ]);
});

test('an unknown newer release with DWARF assumes only the wait reasons', () => {
  const { layout, release, warnings } = resolveLayout(evidence('devel go1.99-abcdef', { dwarf, statusInCode: 144 }));
  expect(release.minor).toBe(27);
  expect(layout['g.goid'].source).toBe('dwarf');
  expect(warnings).toEqual(['devel go1.99-abcdef is newer than gotape knows: wait reasons of Go 1.27 are assumed']);
});

test('an unknown newer release that fits no known one is refused', () => {
  expect(() => resolveLayout(evidence('go1.31.0', { statusInCode: 168 }))).toThrow(
    'go1.31.0 is newer than gotape knows (Go 1.27), and its g.atomicstatus (at 168) is like that of no known release',
  );
  expect(() => resolveLayout(evidence('go1.31.0'))).toThrow('(not found)');
});

test('code that was not understood is a warning', () => {
  expect(resolveLayout(evidence('go1.22.0')).warnings).toEqual([
    'the code of runtime.casgstatus was not understood: the offset of g.atomicstatus is not checked against it',
  ]);
});
