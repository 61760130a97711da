import { expect, test } from 'vitest';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';

test('numbers goroutines densely in order of appearance, over any number of them', () => {
  const table = new GoroutineTable();
  for (let goid = 1; goid <= 100_000; goid++) expect(table.indexOf(7, goid)).toBe(goid - 1);
  for (let goid = 100_000; goid >= 1; goid -= 7) expect(table.indexOf(7, goid)).toBe(goid - 1);
  expect([table.size, table.pidOf(41), table.goidOf(41)]).toEqual([100_000, 7, 42]);
});

test('ids made to collide cost no more than others', () => {
  const table = new GoroutineTable();
  const start = performance.now();
  let wrong = 0;
  for (let n = 0; n < 100_000; n++) if (table.indexOf(7, 1 + n * 2 ** 30) !== n) wrong++;
  expect(wrong).toBe(0);
  // Linear probing over one chain would take minutes.
  expect(performance.now() - start).toBeLessThan(5_000);
});

test('ids beyond 32 bits are told apart', () => {
  const table = new GoroutineTable();
  const goids = [1, 1 + 2 ** 32, 1 + 2 ** 33, 2 ** 52 + 1];
  expect(goids.map((goid) => table.indexOf(1, goid))).toEqual([0, 1, 2, 3]);
});

test('the first word about a goroutine stands', () => {
  const table = new GoroutineTable();
  const info = { pid: 1, goid: 7, firstSeenNs: 0, origin: 'found', parentGoid: 0, createdBy: '' } as const;
  table.addInfo({ ...info, startFunction: 'main.main' });
  table.addInfo({ ...info, startFunction: 'main.other' });
  expect(table.infoOf(table.indexOf(1, 7))?.startFunction).toBe('main.main');
});

test('labels are those of the last row that has any; everything else stays', () => {
  const table = new GoroutineTable();
  const info = { pid: 1, goid: 7, firstSeenNs: 5, origin: 'found', parentGoid: 3, createdBy: '' } as const;
  const labels = (value: string) => [{ key: 'endpoint', value }];
  table.addInfo({ ...info, startFunction: 'main.main', labels: labels('/a') });
  table.addInfo({ ...info, origin: 'relabelled', firstSeenNs: 9, startFunction: '', labels: labels('/b') });
  table.addInfo({ ...info, origin: 'relabelled', firstSeenNs: 9, startFunction: '' });
  const expected = { ...info, startFunction: 'main.main', labels: labels('/b') };
  expect(table.infoOf(table.indexOf(1, 7))).toEqual(expected);
});
