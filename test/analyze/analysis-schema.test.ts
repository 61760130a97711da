import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, expect, test } from 'vitest';
import { ANALYSIS_SCHEMA } from '../../src/analyze/analysis.js';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';

const schemaUrl = new URL('../../schemas/analysis.schema.json', import.meta.url);
const validate = new Ajv2020({ allErrors: true, strict: true }).compile(JSON.parse(readFileSync(schemaUrl, 'utf8')));

let analysis: Record<string, unknown>;
beforeAll(async () => {
  const source = syntheticTrace({ goroutines: 50, segments: 1, rowsPerSegment: 5_000 });
  analysis = JSON.parse(JSON.stringify(await analyzeTrace(source, { top: 3 })));
});

test('an analysis is what the schema says, and names it', () => {
  expect(validate(analysis), JSON.stringify(validate.errors)).toBe(true);
  expect(analysis['schema']).toBe(ANALYSIS_SCHEMA);
});

test.each([
  ['nothing', 'end 0'],
  [
    'losses, anomalies and all kinds of states',
    '10 7 runnable waiting\ngap 11 12 3\n5 8 dead unknown(42)\n9 0 idle dead\nend 30',
  ],
])('an analysis of %s is what the schema says', async (_, text) => {
  const found: unknown = JSON.parse(JSON.stringify(await analyzeTrace(textTrace(text), { top: 3 })));
  expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
});

test('the schema refuses an unknown property, a missing one and another version', () => {
  expect(validate({ ...analysis, extra: 1 })).toBe(false);
  expect(validate({ ...analysis, totals: undefined })).toBe(false);
  expect(validate({ ...analysis, schema: 'gotape.analysis/2' })).toBe(false);
});
