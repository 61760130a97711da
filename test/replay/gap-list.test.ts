import { expect, test } from 'vitest';
import { GapList } from '../../src/replay/gap-list.js';

function listOf(...gaps: readonly (readonly [from: number, to: number])[]): GapList {
  const list = new GapList();
  for (const [fromNs, toNs] of gaps) list.add([{ fromNs, toNs, lost: 1, why: 'ring full' }]);
  return list;
}

test('without gaps nothing crosses one', () => {
  expect(new GapList().crosses(0, Number.MAX_SAFE_INTEGER)).toBe(false);
});

test('gaps that overlap, and gaps that came late, are found', () => {
  const list = listOf([50, 60], [10, 30], [20, 25], [28, 40]);
  const found = [
    [0, 10],
    [0, 11],
    [24, 26],
    [39, 41],
    [40, 50],
    [45, 70],
    [60, 70],
  ].map(([start, end]) => list.crosses(start!, end!));
  expect(found).toEqual([false, true, true, true, false, true, false]);
});

test('a gap of no length is crossed by what begins before it and ends after it', () => {
  const list = listOf([10, 10]);
  expect([list.crosses(0, 10), list.crosses(9, 11), list.crosses(10, 20)]).toEqual([false, true, false]);
});

test('a gap of another stream is no gap of transitions', () => {
  const list = new GapList();
  list.add([{ fromNs: 10, toNs: 20, lost: 3, why: 'ring full', stream: 'calls' }]);
  expect(list.crosses(0, 30)).toBe(false);
});
