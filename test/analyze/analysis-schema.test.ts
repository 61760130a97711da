import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, expect, test } from 'vitest';
import { ANALYSIS_SCHEMA } from '../../src/analyze/analysis.js';
import { GROUPINGS, SECTION_NAMES } from '../../src/analyze/sections.js';
import { type AnalyzeOptions, analyzeTrace } from '../../src/cli/analyze-trace.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';
import { detailedTrace } from './detailed-trace.js';

const schemaUrl = new URL('../../schemas/analysis.schema.json', import.meta.url);
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(schemaUrl, 'utf8')),
);

async function jsonOf(source: TraceSource, options: Partial<AnalyzeOptions> = {}): Promise<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(await analyzeTrace(source, { top: 3, ...options })));
}

let analysis: Record<string, unknown>;
beforeAll(async () => {
  const source = syntheticTrace({ goroutines: 50, segments: 1, rowsPerSegment: 5_000 });
  analysis = await jsonOf(source, { sections: 'all', criticalPath: '*' });
});

test('an analysis is what the schema says, and names it', () => {
  expect(validate(analysis), JSON.stringify(validate.errors)).toBe(true);
  expect(analysis['schema']).toBe(ANALYSIS_SCHEMA);
  expect(analysis['made']).toEqual(SECTION_NAMES);
});

test.each([
  ['nothing', 'end 0'],
  [
    'losses, anomalies and all kinds of states',
    '10 7 runnable waiting\ngap 11 12 3\n5 8 dead unknown(42)\n9 0 idle dead\nend 30',
  ],
])('an analysis of %s is what the schema says', async (_, text) => {
  for (const sections of [[], 'all'] as const) {
    const found = await jsonOf(textTrace(text), { sections, criticalPath: sections === 'all' ? '7' : undefined });
    expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
  }
});

test.each(
  GROUPINGS,
)('an analysis of stacks, calls, labels, OS schedule and a leak, by %s, is what the schema says', async (groupBy) => {
  const found = await jsonOf(detailedTrace(), { sections: 'all', groupBy });
  expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
  const { sections, diagnosis } = found as { sections: Record<string, unknown>; diagnosis: unknown[] };
  expect(Object.entries(sections).filter(([, section]) => section === null)).toEqual([]);
  expect(diagnosis).not.toEqual([]);
});

test('the schema refuses an unknown property, a missing one and another version', () => {
  expect(validate({ ...analysis, extra: 1 })).toBe(false);
  expect(validate({ ...analysis, totals: undefined })).toBe(false);
  expect(validate({ ...analysis, schema: 'gotape.analysis/2' })).toBe(false);
});
