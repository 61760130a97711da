/** Hostile input: whatever the bytes are, the answer is a result or one UserError, and it comes soon. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { UserError } from '../../src/base/errors.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';
import { buildGo, type GoBuildOptions } from '../support/go-build.js';

const RUNS = process.env['GOTAPE_ALL_GO'] === '1' ? 2000 : 150;
/** Ten times what the slowest whole executable here takes. */
const MAX_MS = 2000;

/** Inspects and uses what came out. Anything but a UserError of one line fails the property. */
function survives(bytes: Uint8Array): void {
  const started = performance.now();
  try {
    const executable = inspectGoExecutable(bytesSource(bytes), 'input');
    for (const probe of executable.probes) if (probe.present) executable.inlinedFrames(probe.vaddr);
    for (let pc = 0x401000; pc < 0x500000; pc += 0x8001) {
      executable.symbolize(pc);
      executable.startFunctionAt(pc);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toContain('\n');
  }
  expect(performance.now() - started).toBeLessThan(MAX_MS);
}

const shapes: readonly (readonly [string, GoBuildOptions])[] = [
  ['with DWARF', { toolchain: '1.27.1' }],
  ['stripped', { toolchain: '1.20.14', stripped: true }],
  ['as a stripped PIE', { toolchain: '1.26.8', pie: true, stripped: true }],
];

describe.each(shapes)('an executable %s', (_, options) => {
  const original = readFileSync(buildGo('known/main.go', options));
  /** Places where structure is: headers at both ends, the starts of sections; and anywhere. */
  const interesting = structure(original);
  const place = fc.oneof(fc.integer({ min: 0, max: original.length - 9 }), fc.constantFrom(...interesting));
  const value = fc.oneof(
    fc.constantFrom(0n, 1n, 0x7fffffffn, 0xffffffffn, 1n << 40n, 1n << 63n, (1n << 64n) - 1n),
    fc.bigInt({ min: 0n, max: 0xffffn }),
  );

  test('that was cut off anywhere is survived', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: original.length }), (length) => survives(original.subarray(0, length))),
      { numRuns: RUNS },
    );
  });

  test('that was overwritten in a few places is survived', () => {
    const change = fc.record({ at: place, value, bytes: fc.constantFrom(1, 2, 4, 8) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) =>
        survives(overwrite(original, changes)),
      ),
      { numRuns: RUNS },
    );
  });
});

test('random bytes are survived, with and without an ELF header before them', () => {
  const header = readFileSync(buildGo('known/main.go', { toolchain: '1.26.8' })).subarray(0, 64);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), fc.boolean(), (bytes, withHeader) =>
      survives(withHeader ? Buffer.concat([header, bytes]) : bytes),
    ),
    { numRuns: RUNS },
  );
});

interface Change {
  readonly at: number;
  readonly value: bigint;
  readonly bytes: number;
}

function overwrite(original: Buffer, changes: readonly Change[]): Buffer {
  const copy = Buffer.from(original);
  for (const { at, value, bytes } of changes) {
    for (let i = 0; i < bytes; i++) copy[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }
  return copy;
}

/** Every 4th byte of the ELF header, the program and section headers, and of the first 200 bytes of every section. */
function structure(bytes: Buffer): readonly number[] {
  const sections = Number(bytes.readBigUInt64LE(40));
  const count = bytes.readUInt16LE(60);
  const starts = Array.from({ length: count }, (_, i) => Number(bytes.readBigUInt64LE(sections + i * 64 + 24)));
  const ranges = [[0, 64 + 56 * 12], [sections, sections + count * 64], ...starts.map((at) => [at, at + 200])];
  const places = ranges.flatMap(([from = 0, to = 0]) =>
    Array.from({ length: (to - from) / 4 }, (_, i) => from + i * 4),
  );
  return places.filter((at) => at >= 0 && at + 8 < bytes.length);
}
