import { expect, test } from 'vitest';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { describeAnalysis } from '../../src/report/analysis-text.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';

async function textOf(trace: string): Promise<string> {
  return describeAnalysis(await analyzeTrace(textTrace(trace), { top: 10 }), 'plain');
}

/** Columns on a terminal, told by counting characters: nothing wider than one is in these traces. */
function longestLine(text: string): number {
  return Math.max(...text.split('\n').map((line) => [...line].length));
}

const LONG_NAME = `example.com/very/long/path/${'segment/'.repeat(20)}worker.(*Pool).run.func1`;

test('says where time went in sections that have something to say', async () => {
  const text = await textOf('10 7 dead runnable\n20 7 runnable running\n50 7 running dead\nend 100');
  expect(text).toMatch(/Execution time +30 ns +75\.0 %/);
  expect(text).toMatch(/coverage +100\.0 % of the goroutines' time is known/);
  expect(text).not.toMatch(/Anomalies|Block time by reason|Keep in mind/);
});

test('no line is longer than 100 columns, whatever names are in the trace', async () => {
  const text = await textOf(
    `created 7 1 ${LONG_NAME}\n10 7 dead runnable\n20 7 runnable running\n50 7 running waiting reason=${'x'.repeat(300)}\n90 7 waiting runnable\nend 100`,
  );
  expect(longestLine(text)).toBeLessThanOrEqual(100);
  expect(text).toContain('worker.(*Pool).run.func1');
  expect(text).not.toContain('example.com/very');
});

test('a large trace fits too', async () => {
  const source = syntheticTrace({ goroutines: 400, segments: 2, rowsPerSegment: 40_000 });
  expect(longestLine(describeAnalysis(await analyzeTrace(source, { top: 20 }), 'plain'))).toBeLessThanOrEqual(100);
});

test('control characters and overrides of a hostile trace never reach the terminal', async () => {
  const source = textTrace(
    'created 7 1 main.\u001b[31mred\u202e\n10 7 dead runnable\n20 7 runnable running\n30 7 running dead\nend 30',
    {
      invisible: ['\u001b]0;title\u0007'],
      targets: [
        {
          pid: 1,
          executable: '/tmp/\u001b[2J',
          commandLine: [],
          goVersion: 'go\u009b',
          buildId: '',
          arch: '',
          layout: [],
          warnings: [],
        },
      ],
    },
  );
  const text = describeAnalysis(await analyzeTrace(source, { top: 10 }), 'plain');
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  expect(text).toContain('main.\ufffd[31mred\ufffd');
});

test('headings are bold on a terminal only', async () => {
  const analysis = await analyzeTrace(textTrace('10 7 dead runnable\nend 30'), { top: 10 });
  expect(describeAnalysis(analysis, 'ansi')).toContain('\u001b[1mTime of all goroutines\u001b[22m');
  expect(describeAnalysis(analysis, 'plain')).not.toContain('\u001b');
});

test('losses, damage, anomalies and warnings are shown', async () => {
  const text = await textOf('gap 25 35 1200\n10 7 dead waiting\n20 7 running runnable\n40 7 runnable waiting\nend 50');
  expect(text).toMatch(/lost +1,200 events in 1 gaps/);
  expect(text).toMatch(/no Go release changes runnable → waiting/);
  expect(text).toMatch(/unseen between waiting → running/);
  expect(text).toMatch(/- 1200 events were lost/);
});

test('a file with much damage does not fill the screen', async () => {
  const damage = Array.from({ length: 400 }, (_, index) => `segment ${index} is left out`);
  const analysis = await analyzeTrace(Object.assign(textTrace('end 30'), { damage }), { top: 10 });
  const text = describeAnalysis(analysis, 'plain');
  expect(text).toMatch(/and 395 more/);
  expect(text).toMatch(/coverage +no goroutine is in the trace/);
  expect(text.split('\n').length).toBeLessThan(40);
});
