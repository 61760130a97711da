import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/base/glob.js';

test.each([
  ['main.worker', 'main.worker', true],
  ['main.*', 'main.worker', true],
  ['*worker*', 'example.com/app.(*pool).worker.func1', true],
  ['main.work?r', 'main.worker', true],
  ['*', '', true],
  ['', '', true],
  ['', 'main.main', false],
  ['main', 'main.main', false],
  ['main.?', 'main.', false],
  ['*.func?', 'main.main.func12', false],
  // All but * and ? is itself.
  ['main.[a-z]+', 'main.abc', false],
  ['(*T).run', '(*T).run', true],
] as const)('pattern %j and name %j: %j', (pattern, name, matches) => {
  expect(matchesGlob(pattern, name)).toBe(matches);
});

test('a pattern made to be slow is matched at once', () => {
  const start = performance.now();
  expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(20_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(2000);
});
