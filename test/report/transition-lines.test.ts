import { expect, test } from 'vitest';
import { type LineFormat, transitionLine } from '../../src/report/transition-lines.js';
import { textTrace } from '../support/text-trace.js';

async function linesOf(text: string, format: LineFormat): Promise<string[]> {
  const source = textTrace(text);
  const lines: string[] = [];
  for await (const { transitions } of source.segments()) {
    for (let row = 0; row < transitions.length; row++)
      lines.push(transitionLine(transitions, row, source.reasons, format));
  }
  return lines;
}

test('a line is time, states with their numbers, goroutine, thread, process, and the reason', async () => {
  const lines = await linesOf(
    '1234567 17 running waiting reason=chan_receive tid=4243 pid=4242\n5000000001 17 dead unknown(42) tid=1 pid=1',
    'text',
  );
  expect(lines).toEqual([
    '0.001234567 RUNNING(2) WAITING(4) 17 4243 4242 chan receive\n',
    '5.000000001 DEAD(6) UNKNOWN(42) 17 1 1\n',
  ]);
});

test('a reason from a hostile trace cannot break the line', async () => {
  expect((await linesOf('1 17 running waiting reason=a\u001b[2J\u0085b', 'text')).join('')).toBe(
    '0.000000001 RUNNING(2) WAITING(4) 17 0 1 a\ufffd[2J\ufffdb\n',
  );
});

test('as JSON a line is one object, with what the row has', async () => {
  const lines = await linesOf(
    '5 17 waiting runnable waker=9 tid=3 cpu=1\n6 17 runnable running p=2 tid=3 cpu=1 stack=8',
    'json',
  );
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { timeNs: 5, from: 'waiting', to: 'runnable', goid: 17, tid: 3, pid: 1, cpu: 1, waker: 9, wakeSource: 'goroutine' },
    { timeNs: 6, from: 'runnable', to: 'running', goid: 17, tid: 3, pid: 1, cpu: 1, p: 2, stack: 8 },
  ]);
  expect(lines.every((line) => line.endsWith('}\n'))).toBe(true);
});
