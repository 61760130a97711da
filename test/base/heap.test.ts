import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Heap } from '../../src/base/heap.js';

test('items come out in order, however they went in', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }))), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      const held: number[] = [];
      for (const step of steps) {
        if (step === null) expect(heap.pop()).toBe(held.shift());
        else {
          heap.push(step);
          held.push(step);
          held.sort((a, b) => a - b);
        }
        expect(heap.first).toBe(held[0]);
      }
    }),
  );
});
