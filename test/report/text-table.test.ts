import { expect, test } from 'vitest';
import { shorten, tableLines } from '../../src/report/text-table.js';

test('columns are aligned, and the flexible one gives way', () => {
  const lines = tableLines({
    columns: [
      { title: 'name', align: 'left' },
      { title: 'count', align: 'right' },
    ],
    rows: [
      ['a', '1'],
      [`${'x'.repeat(200)}tail`, '1,000'],
    ],
    flexible: 0,
  });
  expect(lines[0]).toMatch(/^ {2}name +count$/);
  expect(lines[1]).toMatch(/^ {2}a +1$/);
  expect(lines[2]).toMatch(/^ {2}…x+tail {2}1,000$/);
  expect(lines[2]).toHaveLength(100);
});

test('shortening keeps the end and counts wide characters as two', () => {
  expect(shorten('main.(*Server).run', 10)).toBe('…rver).run');
  expect(shorten('日本語日本語', 6)).toBe('…本語');
  expect(shorten('short', 5)).toBe('short');
});
