import { expect, test } from 'vitest';
import { collectSpans } from '../support/collect-spans.js';
import { textTrace } from '../support/text-trace.js';

async function linesOf(text: string): Promise<string[]> {
  return (await collectSpans(textTrace(text))).lines;
}

test('a goroutine whose whole life is in the trace is tiled from creation to exit', async () => {
  const lines = await linesOf(`
    10 7 dead runnable waker=1
    20 7 runnable running p=2 tid=100
    30 7 running waiting reason=chan_receive
    40 7 waiting runnable waker=9
    45 7 runnable running p=1 tid=101
    50 7 running syscall
    70 7 syscall running p=1 tid=101
    80 7 running dead
    end 100
  `);
  expect(lines).toEqual([
    '7 born 10',
    '7 10..20 runnable waker=1 by=goroutine',
    '7 20..30 running p=2 tid=100',
    '7 30..40 waiting (chan receive)',
    '7 40..45 runnable waker=9 by=goroutine',
    '7 45..50 running p=1 tid=101',
    '7 50..70 syscall',
    '7 70..80 running p=1 tid=101',
    '7 dead 80',
  ]);
});

test('time before the first event and after the last is unknown, and hints at what the events say', async () => {
  expect(await linesOf('30 7 waiting runnable\n40 7 runnable running\nend 100')).toEqual([
    '7 known 0',
    '7 0..30 unknown hint=waiting',
    '7 30..40 runnable',
    '7 40..100 unknown hint=running',
  ]);
});

test('growing a stack does not split a running span', async () => {
  const lines = await linesOf(`
    10 7 dead runnable
    10 7 runnable running p=3 tid=9
    15 7 running copystack
    16 7 copystack running
    20 7 running dead
    end 20
  `);
  expect(lines).toContain('7 10..20 running p=3 tid=9');
});

test('waiting on the system stack is execution: told as such, and the running span keeps its P', async () => {
  const lines = await linesOf(`
    10 7 dead runnable
    10 7 runnable running p=3 tid=9
    15 7 running waiting reason=GC_assist_marking
    18 7 waiting running
    20 7 running dead
    end 20
  `);
  expect(lines.slice(2)).toEqual([
    '7 system-stack 15..18 GC assist marking',
    '7 10..20 running p=3 tid=9',
    '7 dead 20',
  ]);
});

test('a wait that ends in runnable was a wait, whatever its reason says', async () => {
  const lines = await linesOf(`
    10 7 dead runnable
    10 7 runnable running
    15 7 running waiting reason=GC_assist_marking
    18 7 waiting runnable
    20 7 runnable running
    end 20
  `);
  expect(lines.slice(2)).toEqual(['7 10..15 running', '7 15..18 waiting (GC assist marking)', '7 18..20 runnable']);
});

test('a stop for a stack scan is neither a wait nor followed by a wake-up', async () => {
  const lines = await linesOf(`
    10 7 dead runnable
    10 7 runnable running
    15 7 running preempted
    16 7 preempted preempted
    17 7 preempted waiting reason=preempted
    20 7 waiting runnable waker=4
    25 7 runnable running
    end 25
  `);
  expect(lines.slice(2)).toEqual(['7 10..15 running', '7 15..20 preempted (preempted)', '7 20..25 runnable by=gc']);
});

test('a stale reason at the takeover of a preempted goroutine does not make it wait', async () => {
  const lines = await linesOf(`
    15 7 running preempted
    17 7 preempted waiting reason=chan_receive
    20 7 waiting runnable waker=4
    end 25
  `);
  expect(lines).toContain('7 15..20 preempted');
});

test('an event that does not continue the last one leaves unseen time, counted by its pair', async () => {
  const { lines, counts } = await collectSpans(
    textTrace(`
      10 7 dead runnable
      20 7 runnable running
      30 7 syscall running
      40 7 running dead
      end 40
    `),
  );
  expect(lines.slice(1)).toEqual(['7 10..20 runnable', '7 20..30 unseen', '7 30..40 running', '7 dead 40']);
  expect(counts.unseenPairs[(2 << 8) | 3]).toBe(1);
});

test('what the last event before a missed change confirms stays known', async () => {
  const lines = await linesOf(`
    10 7 dead runnable
    10 7 runnable running p=1
    20 7 running copystack
    30 7 waiting runnable
    end 30
  `);
  expect(lines.slice(2)).toEqual(['7 10..20 running p=1', '7 20..30 unseen']);
});

test.each([
  ['it had none', ''],
  ['it was taken away while the call ended', 'p=1'],
])('leaving a syscall without a P is runnable time from the start: %s', async (_, atExit) => {
  const { lines, counts } = await collectSpans(
    textTrace(`
      10 7 runnable running p=1 tid=9
      20 7 running syscall tid=9
      30 7 syscall running tid=9 ${atExit}
      40031 7 running runnable tid=9
      50000 7 runnable running p=0 tid=9
      end 50000
    `),
  );
  expect(lines).toContain('7 30..50000 runnable');
  expect(counts.syscallExitsWithoutP).toBe(1);
});

test.each([
  ['the trace records no P', '10 7 runnable running tid=9', '31 7 running runnable tid=9'],
  ['another thread made the change', '10 7 runnable running p=1 tid=9', '31 7 running runnable tid=8'],
  ['it had a P when it stopped', '10 7 runnable running p=1 tid=9', '31 7 running runnable p=1 tid=9'],
])('running after a syscall stays running when %s', async (_, first, last) => {
  const { lines, counts } = await collectSpans(
    textTrace(`${first}\n20 7 running syscall tid=9\n30 7 syscall running tid=9\n${last}\nend 300000`),
  );
  expect(lines.filter((line) => line.startsWith('7 30..')).join()).toMatch(/running tid=9/);
  expect(counts.syscallExitsWithoutP).toBe(0);
});

test('spans that overlap a gap say so, those that touch it do not', async () => {
  const lines = await linesOf(`
    gap 25 35 12
    10 7 dead runnable
    25 7 runnable running
    30 7 running waiting reason=select
    40 7 waiting runnable
    end 40
  `);
  expect(lines.slice(1)).toEqual(['7 10..25 runnable', '7 25..30 running gap', '7 30..40 waiting (select) gap']);
});

test('the same goroutine id in two processes is two goroutines', async () => {
  const { goroutines } = await collectSpans(
    textTrace('10 7 runnable running pid=1\n20 7 runnable running pid=2\nend 20'),
  );
  expect(goroutines.size).toBe(2);
});

test('rows without a goroutine id are counted and belong to no goroutine', async () => {
  const { counts, goroutines } = await collectSpans(textTrace('10 0 runnable running\n20 0 waiting runnable\nend 20'));
  expect([counts.anonymous, goroutines.size]).toEqual([2, 0]);
});

test('time never goes backwards: a row that does is counted and takes place at once', async () => {
  const { lines, counts } = await collectSpans(
    textTrace('10 7 dead runnable\n30 7 runnable running\n20 7 running waiting\n40 7 waiting runnable\nend 40'),
  );
  expect(counts.backwards).toBe(1);
  expect(lines.slice(2)).toEqual(['7 30..30 running', '7 30..40 waiting']);
});

test('a goroutine that is listed but has no event is unknown all the time', async () => {
  expect(await linesOf('found 7 main.worker\nend 40')).toEqual(['7 known 0', '7 0..40 unknown hint=unknown']);
});

test('a goroutine whose creation was seen but not kept is unknown only from then on', async () => {
  expect((await linesOf('created 7 1 main.f at=25\n30 7 runnable running\nend 30'))[1]).toBe(
    '7 25..30 unknown hint=runnable',
  );
});

test('a thread of C code that enters Go, leaves and comes back lives twice', async () => {
  const lines = await linesOf(`
    10 7 dead syscall
    20 7 syscall dead
    30 7 dead syscall
    40 7 syscall dead
    end 50
  `);
  expect(lines).toEqual(['7 born 10', '7 10..20 syscall', '7 dead 20', '7 born 30', '7 30..40 syscall', '7 dead 40']);
});

test('time in a state of a later Go release is unknown', async () => {
  expect(await linesOf('10 7 dead unknown(42)\n20 7 unknown(42) running\nend 20')).toContain(
    '7 10..20 unknown hint=unknown',
  );
});

test('a goroutine found to be leaked goes on waiting for the same reason', async () => {
  const lines = await linesOf(`
    10 7 running waiting reason=chan_send
    20 7 waiting leaked
    30 7 leaked waiting
    40 7 waiting runnable
    end 40
  `);
  expect(lines).toContain('7 10..40 waiting (chan send)');
});
