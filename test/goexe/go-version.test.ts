import { expect, test } from 'vitest';
import { parseGoVersion } from '../../src/goexe/go-version.js';

test.each([
  ['go1.26.8', 26, 8],
  ['go1.26', 26, 0],
  ['go1.22rc1', 22, 0],
  ['go1.25.1 X:nocoverageredesign', 25, 1],
  ['go1.24.4 (Red Hat 1.24.4-1.el9)', 24, 4],
  ['devel go1.27-b2ffc2e Tue May 5 2026', 27, 0],
])('%s is Go 1.%i, patch %i', (text, minor, patch) => {
  expect(parseGoVersion(text, 'build info')).toEqual({ major: 1, minor, patch, text, source: 'build info' });
});

test.each(['', 'unknown', 'devel +b7a85e0003', 'go2'])('%j names no release', (text) => {
  expect(parseGoVersion(text, 'build info')).toBeUndefined();
});

test('control characters of a version do not get through', () => {
  expect(parseGoVersion('go1.26.8\u001b[2J', 'build info')?.text).toBe('go1.26.8\ufffd[2J');
});
