/** `gotape check`: what may be asserted, what holds and what does not. */
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { judge, parseAssertion } from '../../src/analyze/assertion.js';
import { findMetric, METRICS } from '../../src/analyze/metrics.js';
import { analyzeTrace } from '../../src/cli/analyze-trace.js';
import { runCheck } from '../../src/cli/check.js';
import { textTrace } from '../support/text-trace.js';

const STORY = `
created 1 0 main.main
created 2 1 main.worker
0 1 dead runnable
10 1 runnable running p=0
10 2 dead runnable
1010 2 runnable running p=1
2010 2 running waiting reason=chan_receive
5010 2 waiting runnable
5020 2 runnable running p=1
6020 2 running dead
end 10000`;

const analysis = await analyzeTrace(textTrace(STORY), { top: 100 });
const verdictOf = (text: string) => judge(parseAssertion(text), analysis).verdict;

describe('an assertion', () => {
  test.each([
    ['goroutines.created<3', 'holds'],
    ['goroutines.created<=2', 'holds'],
    ['goroutines.created<2', 'violated'],
    ['goroutines.created == 2', 'holds'],
    ['goroutines.created=2', 'holds'],
    ['goroutines.created!=2', 'violated'],
    ['goroutines.exited>0', 'holds'],
    ['sched_wait.max<=1us', 'holds'],
    ['sched_wait.max>1us', 'violated'],
    ['sched_wait.max<0.5us', 'violated'],
    ['sched_wait.count==3', 'holds'],
    ['block.share<50%', 'holds'],
    ['block.share<0.01', 'violated'],
    ['losses.events==0', 'holds'],
  ])('%s %s', (text, verdict) => {
    expect(verdictOf(text)).toBe(verdict);
  });

  test('about something that the trace does not tell is not known, which is no success', () => {
    expect(verdictOf('call[main.none].p99<1h')).toBe('not known');
  });

  test.each([
    ['sched_wait.p99', 'expected METRIC<LIMIT'],
    ['<1ms', 'expected METRIC<LIMIT'],
    ['sched_wait.p98<1ms', 'there is no metric sched_wait.p98'],
    ['goroutines[main].leaked<1', 'there is no metric goroutines[main].leaked'],
    ['sched_wait.p99<1', 'sched_wait.p99 is a time (1ms, 250us), not 1'],
    ['sched_wait.p99<1%', 'is a time'],
    ['goroutines.total<1ms', 'goroutines.total is a number, not 1ms'],
    ['block.share<1ms', 'block.share is a share (12% or 0.12), not 1ms'],
    ['goroutines.total<', 'expected METRIC<LIMIT'],
    ['goroutines.total<-1', 'is a number, not -1'],
  ])('%s is refused: %s', (text, sentence) => {
    expect(() => parseAssertion(text)).toThrow(sentence);
  });

  test('takes a pattern in brackets, with any character that names have', () => {
    const { metric, pattern, operator, limit } = parseAssertion(
      'function[main.(*T[go.shape.int]).run<1].block.p99<=2ms',
    );
    expect([metric.name, pattern, operator, limit]).toEqual([
      'function[GLOB].block.p99',
      'main.(*T[go.shape.int]).run<1',
      '<=',
      2e6,
    ]);
  });

  test('without brackets is about all that the metric knows', () => {
    expect(findMetric('block.p99')).toMatchObject({ pattern: '*', metric: { name: 'block[REASON].p99' } });
  });
});

test('every metric is listed once, and found by its name', () => {
  const names = METRICS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(findMetric(name.replace(/\[[A-Z]+\]/, '[x]'))?.metric.name).toBe(name);
});

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}.gotape.zip`, import.meta.url));

async function check(file: string, max: readonly string[], format: 'json' | 'text' = 'text') {
  const stdout = new Text();
  const stderr = new Text();
  const args = { file, max, list: false, json: format === 'json', window: undefined };
  const { exitCode } = await runCheck({ stdout, stderr, env: {} }, args);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

describe('gotape check', () => {
  test('exits with 0 when all hold, with 1 when one does not, and says which', async () => {
    const good = await check(fixture('tutorial/convoy'), ['goroutines.total<1000', 'losses.events==0']);
    expect([good.exitCode, good.stdout.match(/ok/g)?.length]).toEqual([0, 2]);
    const bad = await check(fixture('tutorial/convoy'), ['goroutines.total<1000', 'block[sync.Mutex.Lock].p50<1ms']);
    expect(bad.exitCode).toBe(1);
    expect(bad.stdout).toMatch(/FAILED\s+block\[sync\.Mutex\.Lock\]\.p50<1ms\s+\d+(\.\d+)? ms \(sync\.Mutex\.Lock\)/);
  });

  test('exits with 3 when all hold of a trace that lost events', async () => {
    const { exitCode, stderr } = await check(fixture('go1.26-lost'), ['goroutines.total>0']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('events were lost');
  });

  test('prints JSON with every value that was compared', async () => {
    const { stdout } = await check(fixture('tutorial/convoy'), ['function[main.*].block.count>0'], 'json');
    const found = JSON.parse(stdout) as { holds: boolean; assertions: { compared: number; verdict: string }[] };
    expect(found.holds).toBe(true);
    expect(found.assertions[0]).toMatchObject({ verdict: 'holds', metric: 'function[GLOB].block.count' });
  });

  test('without an assertion or a file is a usage error', async () => {
    await expect(check(fixture('tutorial/convoy'), [])).rejects.toThrow('expected at least one assertion');
  });
});
