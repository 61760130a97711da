/** Files that are frozen: whoever changes the reader must go on reading them. How they were made: fixtures/README.md. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { verifyTrace } from '../../src/trace/verify/verify-trace.js';
import { readTrace } from './memory-file.js';

const read = (name: string) => readFileSync(new URL(`../../fixtures/${name}.gotape.zip`, import.meta.url));

/** SHA-256 of every frozen file of version 1: they are never made anew for a reader's sake. */
const FROZEN: Readonly<Record<string, string>> = {
  'go1.19-known': '0319d75b67805d74d619719b0360ef177484e268dad39a209594bfbe2d230a05',
  'go1.22-known': '6f14366c639f9242067318f3a9cda9cdac0c25e45ba8dfa8add6947e88533470',
  'go1.24-known': 'b8069ca459a744c11351fec9b16ef0d1cc9343c3d567bd7a3e58f390289608e9',
  'go1.26-details': '93561880f71e554da62aad01a5851250d5fe40f82917d948e6d981e82a3dfcf3',
  'go1.26-iter-pull': '7e1beb400253687ae76a48c8420af4630bd9b97d3698c9f21a4f32f27776b785',
  'go1.26-lost': '21344ee611fc50cce101de75bf76cef3c7d197733444ab4b9e4dd228607dd565',
  'go1.26-tsc': '27f04734cbea4ce1c1f23fc5a77244c50b415bdc87a4040528a21dec8c9309f7',
  'go1.27-cut-off': 'e35f2f3ac85a99984c71a2933ebcd0b85291e518f51cb74540ad33b483181081',
  'go1.27-known': '963d6d76775c1d278c6d89713053a62ab988c5fa7ff3d24abd4dd7f3f1fef98f',
  'versions/from-the-future': '4cf4e41a69e7f02770feb7bd3d460093b7b3329a8aa8c6793e23f3a4861ef71d',
  'versions/newer-major': 'dc83c46e63b8569ad1fb77f8468bc84523010e040916c41bf6c46f17b27b668c',
};

test.each(Object.entries(FROZEN))('%s is as it was frozen', (name, sum) => {
  expect(createHash('sha256').update(read(name)).digest('hex')).toBe(sum);
});

test('a file from the future says what it said, its unknown entries, tables, columns and fields apart', async () => {
  const original = await readTrace(read('go1.26-iter-pull'));
  const future = await readTrace(read('versions/from-the-future'));
  expect(future).toEqual(original);
  expect(future.damage).toEqual([]);
});

test('a file from the future is sound', () => {
  expect(verifyTrace(bytesSource(read('versions/from-the-future'))).problems).toEqual([]);
});

test('a file of a newer major version is refused with a sentence, by verify too', async () => {
  const sentence =
    'is a trace of format version 2, written by gotape 7.0.0; this gotape reads up to version 1: install a newer one';
  await expect(readTrace(read('versions/newer-major'))).rejects.toThrow(sentence);
  expect(() => verifyTrace(bytesSource(read('versions/newer-major')))).toThrow(sentence);
});
