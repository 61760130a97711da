/** Limits that a reviewer should not have to count. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readSource, sourceFiles } from './support/source-imports.js';

const MAX_LINES = 400;
const testFolder = fileURLToPath(new URL('.', import.meta.url));
const testFiles = readdirSync(testFolder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('.cache'),
);
const everyText = [
  ...sourceFiles().map((file) => ({ file: `src/${file}`, text: readSource(file) })),
  ...testFiles.map((file) => ({ file: `test/${file}`, text: readFileSync(join(testFolder, file), 'utf8') })),
];

/** `file:line: text` of every line that matches. */
function linesWith(pattern: RegExp, texts = everyText): string[] {
  return texts.flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

test(`no file of src has more than ${MAX_LINES} lines`, () => {
  const long = sourceFiles().filter((file) => readSource(file).split('\n').length > MAX_LINES);
  expect(long).toEqual([]);
});

test('no type is any', () => {
  // A quoted string may name the type of Go.
  expect(
    linesWith(/(?::|\bas|<|\|)\s*any\b(?!\s+[a-z])|\bany\[\]/).filter((line) => !/'[^']*\bany\b[^']*'/.test(line)),
  ).toEqual([]);
});

test('no compiler error is silenced', () => {
  const directive = new RegExp(['@ts', '(?:ignore|nocheck|expect-error)'].join('-'));
  expect(linesWith(directive)).toEqual([]);
});

test('no lint rule is silenced without a reason', () => {
  expect(linesWith(/biome-ignore(?!.*: \S)/).filter((line) => !line.startsWith('test/house-limits'))).toEqual([]);
});

test('no test runs alone, and none is skipped without saying why', () => {
  const alone = linesWith(/\b(?:test|describe|it)(?:\.\w+)*\.only\b/);
  // A reason is part of the title, or a condition decides.
  const skipped = linesWith(/\b(?:test|describe|it)\.(?:skip|todo|fails)\b(?!\(`[^`]*\$\{)/);
  expect([...alone, ...skipped]).toEqual([]);
});
