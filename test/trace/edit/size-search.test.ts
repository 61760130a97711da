import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SizeSearch } from '../../../src/cli/size-search.js';

/** Sizes as compression makes them: something for nothing, then less and less for a row. */
const sizeOf = (overhead: number, perRow: number, rows: number) => Math.round(overhead + perRow * rows ** 0.97);

test('a window is found that fits and uses most of the size, whatever rows and overhead take', () => {
  const anything = fc.record({
    overhead: fc.integer({ min: 0, max: 30_000 }),
    perRow: fc.double({ min: 1, max: 12, noNaN: true }),
    guess: fc.double({ min: 1, max: 12, noNaN: true }),
    limit: fc.integer({ min: 60_000, max: 100_000_000 }),
  });
  fc.assert(
    fc.property(anything, ({ overhead, perRow, guess, limit }) => {
      const search = new SizeSearch(limit, guess);
      let best = 0;
      for (let attempt = 0; attempt < 8 && !search.isDone; attempt++) {
        const bytes = sizeOf(overhead, perRow, search.rows);
        if (bytes <= limit) best = Math.max(best, bytes);
        search.note({ fromNs: 0, toNs: search.rows }, bytes);
      }
      expect(best).toBeGreaterThan(limit * 0.75);
    }),
    { numRuns: 2000 },
  );
});

test('no window is found where nothing fits', () => {
  const search = new SizeSearch(1000, 2);
  for (let attempt = 0; attempt < 8 && !search.isDone; attempt++) search.note({ fromNs: 0, toNs: search.rows }, 5000);
  expect(search.best).toBeUndefined();
});
