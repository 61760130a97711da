import { expect, test } from 'vitest';
import { StackTable } from '../../src/replay/stack-table.js';
import { frame } from '../support/trace-with-details.js';

const inner = frame(1, 'main.inner', 3);
const outer = frame(2, 'main.outer', 9);

test('a stack has its frames, the innermost first, as soon as they are told', () => {
  const table = new StackTable();
  table.add({ stacks: [{ id: 5, frames: [1, 2], truncated: false }] });
  expect([table.framesOf(5), table.isTruncated(5)]).toEqual([[], true]);
  table.add({ frames: [inner, outer] });
  expect([table.framesOf(5), table.isTruncated(5), table.size]).toEqual([[inner, outer], false, 1]);
  expect(table.framesOf(5)).toBe(table.framesOf(5));
});

test('no stack, and one that nobody told, have no frames', () => {
  const table = new StackTable();
  expect([table.framesOf(0), table.framesOf(9), table.isTruncated(9)]).toEqual([[], [], false]);
});

test('of an id that is told twice the first counts', () => {
  const table = new StackTable();
  table.add({ frames: [inner, { ...outer, id: 1 }], stacks: [{ id: 5, frames: [1], truncated: true }] });
  table.add({ stacks: [{ id: 5, frames: [], truncated: false }] });
  expect([table.framesOf(5), table.isTruncated(5)]).toEqual([[inner], true]);
});
