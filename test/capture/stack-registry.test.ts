import { expect, test } from 'vitest';
import type { StackRecord } from '../../src/capture/description-records.js';
import { StackRegistry } from '../../src/capture/stack-registry.js';
import type { SourceLocation } from '../../src/goexe/go-executable.js';

const at = (name: string, line = 1): SourceLocation => ({ function: name, file: 'a.go', line });
const wrapper = (name: string): SourceLocation => ({ ...at(name), isWrapper: true });

/** Calls by return address, as the table of an executable has them. */
const CALLS: Readonly<Record<number, readonly SourceLocation[]>> = {
  1: [at('runtime.reentersyscall')],
  2: [at('runtime.entersyscall')],
  3: [at('syscall.read')],
  4: [at('main.inner', 7), at('main.outer', 8)],
  5: [at('main.run')],
  6: [wrapper('main.run-fm')],
  7: [at('runtime.gopanic')],
  8: [at('runtime.goexit')],
};

function registry() {
  const asked: number[] = [];
  const callsAt = (pc: number) => {
    asked.push(pc);
    return CALLS[pc] ?? [];
  };
  return { asked, stacks: new StackRegistry(() => ({ callsAt })) };
}

function shown(pcs: readonly number[], rooted = true): string {
  const { stacks } = registry();
  stacks.define(record(1, pcs, rooted));
  const { frames = [], stacks: [stack] = [] } = stacks.take();
  const names = new Map(frames.map(({ id, function: name, inlined }) => [id, inlined ? `${name} inlined` : name]));
  const text = stack?.frames.map((id) => names.get(id)).join(' < ') ?? 'none';
  return stack?.truncated ? `${text} < …` : text;
}

function record(hash: number, pcs: readonly number[], rooted = true): StackRecord {
  return { pid: 1, hash, pcs, rooted };
}

test.each([
  ['begin with who made the system call, in every release', [1, 2, 3, 5, 8], 'syscall.read < main.run'],
  ['show inlined calls before the function that holds them', [4, 8], 'main.inner inlined < main.outer'],
  ['leave out wrappers', [5, 6, 8], 'main.run'],
  ['keep a wrapper that a panic calls', [7, 6, 8], 'runtime.gopanic < main.run-fm'],
  ['are cut where no Go code is', [5, 99, 5, 8], 'main.run < …'],
  ['are cut when they do not reach the root', [3, 5], 'syscall.read < main.run < …'],
  ['are none when nothing is Go', [99], 'none'],
])('stacks %s', (_, pcs, expected) => {
  expect(shown(pcs)).toBe(expected);
});

test('a stack that the kernel had to cut is truncated, whatever its last frame', () => {
  expect(shown([5, 8], false)).toBe('main.run < …');
});

test('each stack and frame is told once, and the executable asked once for each address', () => {
  const { stacks, asked } = registry();
  stacks.define(record(1, [4, 5, 8]));
  stacks.define(record(1, [4, 5, 8]));
  stacks.define(record(2, [1, 4, 5, 8]));
  stacks.define(record(3, [5, 8]));
  const told = stacks.take();
  expect(told.stacks?.map(({ id, frames }) => [id, frames])).toEqual([
    [1, [1, 2, 3]],
    [2, [3]],
  ]);
  expect(told.frames?.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect([1, 2, 3, 4].map((hash) => stacks.idOf(hash))).toEqual([1, 1, 2, 0]);
  expect(asked.length).toBe(new Set(asked).size);
  expect(stacks.take()).toEqual({});
});
