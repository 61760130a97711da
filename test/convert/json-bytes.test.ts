import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonBytes, jsonText } from '../../src/convert/json-bytes.js';

function written(write: (out: JsonBytes) => void): string {
  const out = new JsonBytes(8);
  out.reserve(0);
  write(out);
  return Buffer.from(out.written()).toString();
}

const shown = (text: string) => JSON.parse(`"${new TextDecoder().decode(jsonText(text))}"`);

test('every integer up to 2^53 is written as JavaScript writes it', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => written((out) => out.uint(value)) === String(value)),
    { numRuns: 2000 },
  );
  for (const value of [0, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 1_000_000_001, 2 ** 53 - 1]) {
    expect(written((out) => out.uint(value))).toBe(String(value));
  }
});

test('nanoseconds become microseconds with three decimals, exactly', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (ns) => {
      const digits = String(ns).padStart(4, '0');
      return written((out) => out.micros(ns)) === `${digits.slice(0, -3)}.${digits.slice(-3)}`;
    }),
    { numRuns: 2000 },
  );
});

test('a number that only a damaged trace has is still JSON', () => {
  for (const value of [-1, 0.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(typeof JSON.parse(written((out) => out.uint(value)))).toBe('number');
  }
});

test('plain text comes back as it was, whatever the script', () => {
  for (const text of ['main.(*T[go.shape.int]).Run', 'é日本😀', 'a"b', 'a\\b', '</script>', 'chan<-']) {
    expect(shown(text)).toBe(text);
  }
});

test('no text needs another escape than that of quote and backslash', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const inside = new TextDecoder('utf-8', { fatal: true }).decode(jsonText(text));
      JSON.parse(`"${inside}"`);
      return !/\\[^"\\]/.test(inside.replaceAll('\\\\', ''));
    }),
  );
});

test('control characters and lone surrogates become replacement characters', () => {
  expect(shown('a\u0000b\u001b[31m\n\u009b')).toBe('a\ufffdb\ufffd[31m\ufffd\ufffd');
  expect(shown('a\ud800b')).toBe('a\ufffdb');
});

test('a name that fills pages is cut', () => {
  expect(shown('x'.repeat(100_000))).toBe(`${'x'.repeat(500)}…`);
});

test('a buffer grows for what is longer than it', () => {
  const long = jsonText('y'.repeat(400));
  const out = new JsonBytes(8);
  for (let i = 0; i < 50; i++) {
    out.reserve(long.length);
    out.raw(long);
  }
  expect(out.length).toBe(20_000);
});
