import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DurationHistogram, HISTOGRAM_RELATIVE_ERROR } from '../../src/base/histogram.js';

test('percentiles are never too low and at most the stated error too high', () => {
  const values = fc.array(
    fc.oneof(
      fc.nat({ max: 300 }),
      fc.nat(),
      fc.maxSafeNat().map((n) => Math.floor(n / 2)),
    ),
    {
      minLength: 1,
      maxLength: 200,
    },
  );
  fc.assert(
    fc.property(values, fc.constantFrom(0, 1, 50, 90, 99, 99.9, 100), (durations, percent) => {
      const histogram = new DurationHistogram();
      for (const duration of durations) histogram.record(duration);
      const sorted = durations.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1]!;
      expect(histogram.percentile(percent)).toBeGreaterThanOrEqual(exact);
      expect(histogram.percentile(percent)).toBeLessThanOrEqual(exact * (1 + HISTOGRAM_RELATIVE_ERROR));
    }),
    { numRuns: 2000 },
  );
  expect(HISTOGRAM_RELATIVE_ERROR).toBeLessThanOrEqual(0.01);
});

test('an empty histogram has percentiles of 0', () => {
  expect([new DurationHistogram().percentile(50), new DurationHistogram().count]).toEqual([0, 0]);
});
