import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ByteSink } from '../../src/trace/archive-writer.js';
import { TraceWriter } from '../../src/trace/trace-writer.js';
import { MutableBatch } from '../support/text-trace.js';
import { MemorySink, readTrace, START_NS, testEnd, testFacts } from './memory-file.js';

const ROWS = 20;

/** A disk with so many free bytes, which writes what fits of the last bytes, as write(2) does. */
class FullDisk implements ByteSink {
  readonly #file = new MemorySink();
  readonly #capacity: number;
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  write(bytes: Uint8Array): void {
    const room = this.#capacity - this.#size;
    this.#file.write(bytes.slice(0, room));
    this.#size += Math.min(room, bytes.length);
    if (room < bytes.length)
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }

  truncate(offset: number): void {
    this.#file.truncate(offset);
    this.#size = offset;
  }

  get bytes(): Uint8Array {
    return this.#file.bytes;
  }
}

function batch(segment: number): MutableBatch {
  const rows = new MutableBatch(ROWS);
  for (let i = 0; i < ROWS; i++) rows.timeNs[i] = segment * 1000 + i;
  return rows;
}

const info = { pid: 1, parentGoid: 0, firstSeenNs: 0, origin: 'found', startFunction: 'f', createdBy: '' } as const;

/** Writes segments until the disk is full, then ends the file as the recorder does. Returns how many were written. */
function recordOnto(disk: ByteSink, segments: number): number {
  const writer = new TraceWriter(disk, testFacts(), { reasons: [''], level: 1 });
  let written = 0;
  for (let segment = 0; segment < segments; segment++) {
    const gap = { fromNs: 0, toNs: 1, lost: 1, why: 'ring full' };
    try {
      writer.segment(batch(segment), [{ ...info, goid: segment + 1 }], [gap]);
      written++;
    } catch {
      // The recorder tries once more when it ends.
    }
  }
  writer.finish(testEnd(1e6));
  return written;
}

test('a disk that becomes full at any byte leaves a file with every complete segment', async () => {
  const whole = new MemorySink();
  recordOnto(whole, 5);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 400, max: whole.bytes.length }), async (capacity) => {
      const disk = new FullDisk(capacity);
      let written = -1;
      try {
        written = recordOnto(disk, 5);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      }
      const read = await readTrace(disk.bytes);
      const isWhole = read.damage.length === 0;
      expect(isWhole).toBe(written >= 0);
      if (written >= 0) expect(read.segments).toHaveLength(written);
      expect(read.rows).toHaveLength(read.segments.length * ROWS);
      expect(read.goroutines).toHaveLength(read.segments.length);
      expect(read.gaps).toHaveLength(read.segments.length);
    }),
    { numRuns: 150 },
  );
});

test('a segment that is tried again after a failure is in the file once', async () => {
  const disk = new MemorySink();
  let failures = 1;
  const sink: ByteSink = {
    write: (bytes) => {
      if (bytes.length > 100 && disk.bytes.length > 1500 && failures-- > 0) throw new Error('EIO');
      disk.write(bytes);
    },
    truncate: (offset) => disk.truncate(offset),
  };
  const writer = new TraceWriter(sink, testFacts(), { reasons: [''], level: 1 });
  expect(() => writer.segment(batch(0), [{ ...info, goid: 1 }], [])).toThrow('EIO');
  writer.segment(
    batch(0),
    [
      { ...info, goid: 1 },
      { ...info, goid: 2 },
    ],
    [],
  );
  writer.finish(testEnd(1e6));
  const read = await readTrace(disk.bytes);
  expect(read.goroutines.map(({ goid }) => goid)).toEqual([1, 2]);
  expect(read).toMatchObject({ segments: [0], damage: [] });
  expect(BigInt(read.facts.start.monotonicNs)).toBe(START_NS);
});

test('when what was torn cannot be cut off either, nothing more is written', () => {
  let writes = 0;
  const sink: ByteSink = {
    write: () => {
      if (++writes === 2) throw new Error('EIO');
    },
    truncate: () => {
      throw new Error('EROFS');
    },
  };
  expect(() => new TraceWriter(sink, testFacts(), { reasons: [''], level: 1 })).toThrow('EROFS');
  expect(writes).toBe(2);
});
