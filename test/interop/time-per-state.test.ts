/** A reader in another language, made from docs/format.md alone, finds the time per state that gotape finds. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { preparePython, runPython } from '../support/python.js';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const reader = readFileSync(new URL('time_per_state.py', import.meta.url), 'utf8');
const files = ['', 'tutorial/'].flatMap((folder) =>
  readdirSync(fixtures + folder)
    .filter((name) => name.endsWith('.gotape.zip'))
    .map((name) => folder + name),
);
const STATES = ['execution', 'schedWait', 'block', 'syscall', 'preempted', 'unseen', 'unknown'] as const;

const python = preparePython();

describe.skipIf(python === undefined)('with Python', () => {
  test('there are fixtures, a cut-off one among them', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.some((name) => name.includes('cut-off'))).toBe(true);
  });

  test.each(files)('%s: to the nanosecond', async (file) => {
    using trace = await openTrace(fixtures + file);
    const { totals } = await analyzeTrace(trace, { top: 1 });
    const found = JSON.parse(runPython(python!, reader, [fixtures + file])) as Record<string, number>;
    const byState = (of: (state: (typeof STATES)[number]) => number) =>
      Object.fromEntries(STATES.map((s) => [s, of(s)]));
    expect(byState((state) => found[state] ?? 0)).toEqual(byState((state) => totals[`${state}Ns`]));
    expect(totals.totalNs).toBeGreaterThan(0);
  });
});
