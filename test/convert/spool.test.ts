import { expect, test } from 'vitest';
import type { ByteSink } from '../../src/convert/byte-sink.js';
import { ExactSum } from '../../src/convert/exact-sum.js';
import { JsonBytes, jsonLiteral } from '../../src/convert/json-bytes.js';
import { Spool } from '../../src/convert/spool.js';
import { MemorySink } from './trace-event-rules.js';

test('bytes arrive once and in order', async () => {
  const sink = new MemorySink();
  const spool = new Spool(sink, (bytes) => new JsonBytes(bytes));
  for (let i = 0; i < 100; i++) {
    spool.out.reserve(0);
    spool.out.uint(i);
    spool.out.raw(jsonLiteral(' '));
    if (i % 7 === 0) await spool.drain();
  }
  await spool.finish();
  expect(sink.text).toBe(Array.from({ length: 100 }, (_, i) => `${i} `).join(''));
});

test('a slow sink holds the producer back: at most one buffer is under way', async () => {
  let underWay = 0;
  let most = 0;
  const slow: ByteSink = {
    async write() {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay--;
    },
  };
  const spool = new Spool(slow, (bytes) => new JsonBytes(bytes));
  for (let i = 0; i < 10; i++) {
    spool.out.uint(i);
    await spool.drain();
  }
  await spool.finish();
  expect(most).toBe(1);
});

test('a failing sink fails the next drain', async () => {
  const spool = new Spool({ write: () => Promise.reject(new Error('disk full')) }, (bytes) => new JsonBytes(bytes));
  spool.out.uint(1);
  await spool.drain();
  await new Promise((resolve) => setTimeout(resolve, 5));
  spool.out.uint(2);
  await expect(spool.drain()).rejects.toThrow('disk full');
});

test('sums beyond 2^53 stay exact', () => {
  const sum = new ExactSum();
  for (let i = 0; i < 1000; i++) sum.add(2 ** 52 - 1);
  expect(sum.value).toBe(1000n * (2n ** 52n - 1n));
});
