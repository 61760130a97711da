import { expect, test } from 'vitest';
import { type AnalyzeOptions, analyzeTrace } from '../../src/cli/analyze-trace.js';
import { describeAnalysis } from '../../src/report/analysis-text.js';
import { sectionListText, TEXT_SECTION_NAMES } from '../../src/report/section-list.js';
import { detailedTrace } from '../analyze/detailed-trace.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';

async function everything(source: Parameters<typeof analyzeTrace>[0], options: Partial<AnalyzeOptions> = {}) {
  const analysis = await analyzeTrace(source, { top: 10, sections: 'all', criticalPath: '*', ...options });
  return { analysis, text: describeAnalysis(analysis, 'plain', TEXT_SECTION_NAMES) };
}

const longestLine = (text: string) => Math.max(...text.split('\n').map((line) => [...line].length));

test('the diagnosis comes first, and the default text says how to get the rest', async () => {
  const text = describeAnalysis(await analyzeTrace(detailedTrace(40), { top: 10 }), 'plain');
  expect(text.indexOf('Diagnosis')).toBeLessThan(text.indexOf('Time of all goroutines'));
  expect(text).toMatch(/ {2}1\. 20 goroutines of main\.handle leak/);
  expect(text).toMatch(/Leaks: .*: 20\n/);
  expect(text).toMatch(/More: --section states, functions, /);
  expect(text.split('\n').length).toBeLessThan(70);
});

test('a program of which nothing stands out is told so', async () => {
  const text = describeAnalysis(await analyzeTrace(textTrace('10 7 dead runnable\nend 30'), { top: 10 }), 'plain');
  expect(text).toMatch(/Diagnosis\n {2}nothing stands out/);
});

test('every section fits 100 columns, and has a line in the list', async () => {
  const { text } = await everything(detailedTrace(40));
  expect(longestLine(text)).toBeLessThanOrEqual(100);
  const { text: large } = await everything(syntheticTrace({ goroutines: 200, segments: 1, rowsPerSegment: 20_000 }));
  expect(longestLine(large)).toBeLessThanOrEqual(100);
  expect(
    sectionListText()
      .split('\n')
      .filter((line) => line !== ''),
  ).toHaveLength(TEXT_SECTION_NAMES.length);
});

test('only the sections that were asked for are shown; one without figures says why', async () => {
  const analysis = await analyzeTrace(textTrace('10 7 dead runnable\n20 7 runnable running\nend 30'), {
    top: 10,
    sections: ['latency', 'calls'],
  });
  const text = describeAnalysis(analysis, 'plain', ['latency', 'calls']);
  expect(text).toContain('Scheduling latency: how many waits took how long');
  expect(text).toMatch(/Section calls\n {2}no calls were recorded \(gotape record --call\)/);
  expect(text).not.toMatch(/Time of all goroutines|More:/);
});

test('durations of the text are those of the analysis', async () => {
  const { analysis, text } = await everything(detailedTrace(), { groupBy: 'label' });
  const fine = analysis.sections.functions?.list.find(({ name }) => name === 'path=/fine');
  expect(fine?.block).toMatchObject({ count: 10, totalNs: 20e6, p99Ns: 2e6 });
  expect(text).toMatch(/path=\/fine: 10 goroutines\n.*\n.*\n {4}block +10 +20\.0 ms +2\.00 ms/);
  expect(text).toMatch(/20\.0 ms in 10 × sync\.Mutex\.Lock; the longest 2\.00 ms, g101 at 16\.0 ms/);
  expect(text).toMatch(/main\.work +39\.1 % +8\.7 % +34\.8 % +17\.4 % +0\.0 % +10/);
});

test('hostile names stay printable in every section', async () => {
  const bad = 'main.\u001b[31m\u202ered';
  const source = textTrace(
    `created 7 1 ${bad}\ncreated 8 7 ${bad}\n10 7 dead runnable\n20 7 runnable running p=0\n25 8 dead runnable waker=7\n30 7 running waiting reason=\u001b]0;x\u0007\n40 8 runnable running p=0\n50 7 waiting runnable waker=8\n60 8 running dead\n70 7 runnable running p=0\n90000000 7 running dead\nend 90000000`,
  );
  const { text } = await everything(source, { criticalPath: `*${'\u001b'}*` });
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
});
