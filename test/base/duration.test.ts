import { expect, test } from 'vitest';
import { parseDuration } from '../../src/base/duration.js';
import { ExitCode, UserError } from '../../src/base/errors.js';

test.each([
  ['10s', 10e9],
  ['1.5s', 1.5e9],
  ['250ms', 250e6],
  ['100us', 100e3],
  ['100µs', 100e3],
  ['7ns', 7],
  ['.5m', 30e9],
  ['1h', 3600e9],
  [' 0s ', 0],
])('%s is %d ns', (text, ns) => {
  expect(parseDuration(text, '--from')).toBe(ns);
});

test.each([
  '',
  '10',
  's',
  '-1s',
  '1e3s',
  '1 s s',
  '10 parsecs',
  '1.2.3s',
  '99999999999h',
  'NaNs',
])('%j is refused as wrong usage, with an example of what is right', (text) => {
  const attempt = () => parseDuration(text, '--from');
  expect(attempt).toThrow(UserError);
  expect(attempt).toThrow(/^--from: /);
  expect(attempt).toThrow(/250ms/);
  expect(attempt).toThrow(expect.objectContaining({ exitCode: ExitCode.usage }));
});
