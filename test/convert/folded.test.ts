import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldedFormat } from '../../src/convert/folded.js';
import { MEASURES } from '../../src/convert/stack-sums.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToMemory } from '../support/gotrace.js';
import { LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS, traceWithStacks } from '../support/with-stacks.js';
import { randomTrace } from './random-trace.js';

async function fold(source: TraceSource): Promise<string> {
  const { files } = await convertToMemory(foldedFormat, source);
  return files.get('')!.toString();
}

test('a line is a state, a stack from its root, a reason and ns', async () => {
  expect((await fold(traceWithStacks(LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS))).split('\n').toSorted()).toEqual([
    '',
    'block time;main.worker;main.save;sync.(*Mutex).Lock;(sync.Mutex.Lock) 600',
    'execution time;main.main 790',
    'execution time;main.worker 140',
    'sched wait time;main.main 10',
    'sched wait time;main.worker 20',
    'sched wait time;main.worker;main.save;sync.(*Mutex).Lock 50',
    'syscall time;main.worker;os.(*File).Write 100',
  ]);
});

test('a name that holds a semicolon or a line break is one frame', async () => {
  const text = await fold(traceWithStacks(LOCK_AND_CHANNEL, ['main.a;b 7 > main.c\nblock time;x 9']));
  expect(text).toContain('block time;main.a:b 7;main.c\ufffdblock time:x 9;(sync.Mutex.Lock) 600\n');
});

test('time by state is that of the spans, whatever the trace', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const lines = (await fold(source)).split('\n');
      const { spans } = await collectSpans(source);
      for (const { kind, name } of MEASURES) {
        const ofState = lines.filter((line) => line.startsWith(`${name};`));
        const sum = ofState.reduce((total, line) => total + Number(/ (\d+)$/.exec(line)![1]), 0);
        const expected = spans.filter((span) => span.kind === kind);
        expect(sum).toBe(expected.reduce((total, { startNs, endNs }) => total + endNs - startNs, 0));
      }
    }),
    { numRuns: 100 },
  );
});
