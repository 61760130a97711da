/**
 * Thousands of damaged copies of one real trace: each ends in a result or a UserError, soon, whatever is wrong with it.
 * Half of them have sound CRCs, as a hostile file would.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { pack, readTrace, unpack } from './memory-file.js';

const real = readFileSync(new URL('../../fixtures/go1.22-known.gotape.zip', import.meta.url));
const SLOW_MS = 2000;

interface Change {
  readonly at: number;
  readonly value: number;
  readonly width: number;
}

/** A position as a fraction of the bytes, and a value that is odd in one, two or four bytes. */
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  value: fc.oneof(fc.nat(255), fc.constantFrom(-1, 0, 0x7fff_ffff, -0x8000_0000, 0x0100_0000)),
  width: fc.constantFrom(1, 1, 2, 4),
});

function mutate(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  const copy = Buffer.from(bytes);
  const value = Buffer.alloc(4);
  for (const each of changes) {
    value.writeInt32LE(each.value);
    copy.set(value.subarray(0, Math.min(each.width, copy.length)), Math.floor(each.at * (copy.length - each.width)));
  }
  return copy;
}

async function expectAnswer(file: Uint8Array): Promise<void> {
  const started = performance.now();
  try {
    const { damage } = await readTrace(file);
    for (const sentence of damage) expect(sentence).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  expect(performance.now() - started).toBeLessThan(SLOW_MS);
}

test('a file with bytes changed anywhere', async () => {
  const changes = fc.array(change, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(changes, (list) => expectAnswer(mutate(real, list))),
    { numRuns: 1500 },
  );
});

test('a file with bytes changed in its entries and their CRCs set right', async () => {
  const entries = unpack(real);
  const plan = fc.record({
    which: fc.nat(entries.length - 1),
    changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, ({ which, changes }) =>
      expectAnswer(
        pack(entries.map(({ name, bytes }, i) => ({ name, bytes: i === which ? mutate(bytes, changes) : bytes }))),
      ),
    ),
    { numRuns: 2500 },
  );
});

test('a file with bytes changed at its end, where its table of contents is', async () => {
  const tailBytes = 400;
  const head = real.subarray(0, real.length - tailBytes);
  const tail = real.subarray(real.length - tailBytes);
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) =>
      expectAnswer(Buffer.concat([head, mutate(tail, changes)])),
    ),
    { numRuns: 1000 },
  );
});
