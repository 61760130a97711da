import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StateCounts } from '../../src/convert/state-counts.js';
import { SpanKind } from '../../src/model/span.js';

interface Piece {
  readonly kind: SpanKind;
  readonly startNs: number;
  readonly endNs: number;
}

const piece: fc.Arbitrary<Piece> = fc
  .record({
    kind: fc.constantFrom(...Object.values(SpanKind)),
    startNs: fc.nat({ max: 100_000 }),
    length: fc.nat({ max: 40_000 }),
  })
  .map(({ kind, startNs, length }) => ({ kind, startNs, endNs: startNs + length }));

function sampled(pieces: readonly Piece[], steps: number): Map<number, number[]> {
  const counts = new StateCounts(steps);
  for (const { kind, startNs, endNs } of pieces) counts.add(kind, startNs, endNs);
  const points = new Map<number, number[]>();
  counts.forEachChange(0, 200_000, (timeNs, now) => points.set(timeNs, [...now]));
  return points;
}

test('every point shows exactly the spans that cover it, however often steps were merged', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.constantFrom(4, 16, 1024), (pieces, steps) => {
      for (const [timeNs, counts] of sampled(pieces, steps)) {
        counts.forEach((count, kind) => {
          const covering = pieces.filter((p) => p.kind === kind && p.startNs <= timeNs && timeNs < p.endNs);
          expect(count).toBe(covering.length);
        });
      }
    }),
  );
});

test('a trace of any length has no more points than there are steps', () => {
  const pieces = Array.from({ length: 5000 }, (_, i) => ({
    kind: SpanKind.running,
    startNs: i * 1e9,
    endNs: i * 1e9 + 5e8,
  }));
  const counts = new StateCounts(64);
  for (const { kind, startNs, endNs } of pieces) counts.add(kind, startNs, endNs);
  let points = 0;
  counts.forEachChange(0, 5e12, () => points++);
  expect(points).toBeLessThanOrEqual(64);
});

test('only kinds that occur are named', () => {
  const counts = new StateCounts();
  counts.add(SpanKind.waiting, 0, 5000);
  counts.add(SpanKind.syscall, 1, 2);
  expect(counts.kinds()).toEqual([SpanKind.waiting]);
});
