/** What is called a change and what is called noise. */
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change, Diff } from '../../src/analyze/diff/diff.js';
import { adjustForMany, rankTest } from '../../src/analyze/diff/rank-test.js';
import { runDiff } from '../../src/cli/diff.js';

const schemaUrl = new URL('../../schemas/diff.schema.json', import.meta.url);
const validate = new Ajv2020({ allErrors: true, strict: true }).compile(JSON.parse(readFileSync(schemaUrl, 'utf8')));
const tutorial = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/tutorial/${name}.gotape.zip`, import.meta.url));

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function diff(before: string, after: string): Promise<Diff> {
  const stdout = new Text();
  const args = { before, after, top: 15, minimumChange: '25%', json: true, window: undefined };
  await runDiff({ stdout, stderr: new Text(), env: {} }, args);
  const found: unknown = JSON.parse(stdout.text);
  expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
  return found as Diff;
}

const nameOf = ({ startFunction, state, reason, metric }: Change) => `${startFunction} ${state} ${reason} ${metric}`;

describe('two recordings', () => {
  test('of the same program show no significant change', async () => {
    const { compared, significant } = await diff(tutorial('convoy'), tutorial('convoy-again'));
    expect(compared).toBeGreaterThan(30);
    expect(significant.map(nameOf)).toEqual([]);
  });

  test('of which one has a lock more show that first', async () => {
    const { significant } = await diff(tutorial('convoy-cured'), tutorial('convoy'));
    expect(nameOf(significant[0]!)).toBe('main.serve block sync.Mutex.Lock time');
    expect(significant[0]).toMatchObject({ before: 0, verdict: 'significant' });
  });

  test('that are one and the same file are equal in everything', async () => {
    const { significant, noise, compared } = await diff(tutorial('convoy'), tutorial('convoy'));
    expect([significant, noise]).toEqual([[], []]);
    expect(compared).toBeGreaterThan(30);
  });

  test('compared the other way round show the same changes, turned round', async () => {
    const there = await diff(tutorial('convoy'), tutorial('convoy-cured'));
    const back = await diff(tutorial('convoy-cured'), tutorial('convoy'));
    const sides = ({ before, after }: Change) => [before, after];
    const byName = new Map(back.significant.map((change) => [nameOf(change), change]));
    expect(there.significant.map(nameOf).toSorted()).toEqual([...byName.keys()].toSorted());
    for (const change of there.significant) {
      expect(sides(byName.get(nameOf(change))!)).toEqual(sides(change).toReversed());
    }
  });
});

describe('the rank test', () => {
  test.each([
    // As scipy.stats.mannwhitneyu(a, b, method='asymptotic') says.
    [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13, 14, 15, 16], 0.0009391056991171487],
    [[1, 3, 5, 7, 9, 11, 13, 15], [2, 4, 6, 8, 10, 12, 14, 16], 0.713191261016072],
    [[1, 1, 2, 2, 3, 3], [2, 2, 3, 3, 4, 4], 0.11334550921952584],
  ])('of %j and %j agrees with an independent one', (a, b, p) => {
    expect(rankTest(a, b)).toBeCloseTo(p, 4);
  });

  test('sees no difference between equal samples, nor where a side is empty', () => {
    expect(rankTest([1, 2, 3], [1, 2, 3])).toBeCloseTo(1, 6);
    expect(rankTest([5, 5, 5], [5, 5])).toBe(1);
    expect(rankTest([], [1, 2])).toBe(1);
  });

  test('does not depend on the order of the sides, nor on anything but ranks', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const stretch = (values: number[]) => values.map((value) => value ** 3 + 1);
        expect(rankTest(a, b)).toBeCloseTo(rankTest(b, a), 10);
        expect(rankTest(stretch(a), stretch(b))).toBeCloseTo(rankTest(a, b), 10);
      }),
      { numRuns: 500 },
    );
  });

  test('gives as many false alarms as it says, in samples of one distribution', () => {
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 48271) >>> 0) % 2147483647;
      return seed / 2147483647;
    };
    const sample = () => Array.from({ length: 20 }, () => -Math.log(random()));
    const ps = Array.from({ length: 2000 }, () => rankTest(sample(), sample()));
    const share = ps.filter((p) => p < 0.05).length / ps.length;
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.07);
  });

  test('of many at once is corrected: as Benjamini and Hochberg do', () => {
    // As scipy.stats.false_discovery_control says.
    const expected = [0.04, 0.05333333, 0.05333333, 0.5];
    for (const [i, p] of adjustForMany([0.01, 0.04, 0.03, 0.5]).entries()) expect(p).toBeCloseTo(expected[i]!, 7);
    expect(adjustForMany([])).toEqual([]);
  });
});
