/** Damaged DWARF and function tables: functions are found or not, with one sentence; what hangs ends by the time limit of tests. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { UserError } from '../../src/base/errors.js';
import { ByteReader } from '../../src/goexe/byte-reader.js';
import { readElfFile } from '../../src/goexe/elf-file.js';
import { inspectGoExecutable } from '../../src/goexe/inspect-go-executable.js';
import { buildGo } from '../support/go-build.js';

const RUNS = process.env['GOTAPE_ALL_GO'] === '1' ? 500 : 40;
const DAMAGED = /^\.debug_(info|abbrev|loc|loclists|addr)$|^\.gopclntab$/;

async function survives(bytes: Uint8Array): Promise<void> {
  try {
    const { targets } = await inspectGoExecutable(bytesSource(bytes), 'input').callTargets(['main.*']);
    for (const { points, parameters } of targets) expect([typeof points, typeof parameters]).toBeDefined();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toContain('\n');
  }
}

describe.each(['1.19.13', '1.26.8'] as const)('an executable of Go %s', (toolchain) => {
  const original = readFileSync(buildGo('calls/main.go', { toolchain, plainDwarf: true }));
  const elf = readElfFile(new ByteReader(bytesSource(original), 'input'));
  const sections = elf.sections.filter(({ name }) => DAMAGED.test(name));
  const place = fc
    .constantFrom(...sections)
    .chain(({ offset, size }) => fc.integer({ min: offset, max: offset + size - 1 }));

  test('whose tables are overwritten in many places is survived', async () => {
    expect(sections.length).toBeGreaterThanOrEqual(4);
    const change = fc.tuple(place, fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 200 }), async (changes) => {
        const bytes = Uint8Array.from(original);
        for (const [at, value] of changes) bytes[at] = value;
        await survives(bytes);
      }),
      { numRuns: RUNS },
    );
  });
});
