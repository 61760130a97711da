import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InterestMeter } from '../../src/analyze/interest.js';
import { GoroutineTable } from '../../src/replay/goroutine-table.js';
import { Replay } from '../../src/replay/replay.js';
import { textTrace } from '../support/text-trace.js';

const MS = 1_000_000;

/** A goroutine that blocks for `blockNs` and then waits for a P for `schedNs`, at a time. */
const episode = (atNs: number, goid: number, blockNs: number, schedNs: number, reason = 'chan_receive') => `
  ${atNs - blockNs - schedNs} ${goid} running waiting reason=${reason}
  ${atNs - schedNs} ${goid} waiting runnable waker=9
  ${atNs} ${goid} runnable running p=0`;

async function meterOf(text: string): Promise<InterestMeter> {
  const trace = textTrace(text);
  const meter = new InterestMeter(trace.reasons);
  const replay = new Replay(trace.reasons, new GoroutineTable(), meter);
  for await (const segment of trace.segments()) {
    meter.count(segment.transitions);
    replay.segment(segment);
  }
  replay.finish(trace.endNs);
  return meter;
}

describe('the window that tells most', () => {
  test('is where the worst waits end, not where most happens', async () => {
    const quiet = Array.from({ length: 50 }, (_, i) => episode(200 * MS + i * 3000, 1, 900, 100)).join('');
    const meter = await meterOf(`${quiet}${episode(700 * MS, 2, 40 * MS, 20 * MS)}\nend ${1000 * MS}`);
    const window = meter.bestWindow(20)!;
    expect(window.fromNs).toBeLessThanOrEqual(700 * MS);
    expect(window.toNs).toBeGreaterThan(700 * MS);
  });

  test('takes no account of those who sleep or idle', async () => {
    const meter = await meterOf(`
      ${episode(300 * MS, 2, 5 * MS, 100)}
      ${episode(900 * MS, 1, 400 * MS, 100, 'sleep')}
      end ${1000 * MS}`);
    const window = meter.bestWindow(3)!;
    expect([window.fromNs <= 300 * MS, window.toNs > 300 * MS]).toEqual([true, true]);
    expect(meter.countInside({ fromNs: 0, toNs: Number.POSITIVE_INFINITY })).toEqual({ inside: 3, all: 3 });
  });

  test('is everything when everything may stay', async () => {
    const meter = await meterOf(`${episode(300 * MS, 2, 5 * MS, 100)}\nend ${1000 * MS}`);
    expect(meter.bestWindow(1000)).toEqual({ fromNs: 0, toNs: Number.POSITIVE_INFINITY });
  });

  test('is none when nothing happened, or nothing may stay', async () => {
    expect((await meterOf('end 1000')).bestWindow(10)).toBeUndefined();
    expect((await meterOf('end 1000')).windowAround(5, 10)).toBeUndefined();
    expect((await meterOf(`${episode(5 * MS, 1, 20, 10)}\nend ${1000 * MS}`)).bestWindow(0)).toBeUndefined();
  });

  test('is as fine as a burst in an idle hour', async () => {
    const hour = 3_600_000 * MS;
    const burst = Array.from({ length: 4000 }, (_, i) => episode(hour / 2 + i * 3000, 1, 900, 100 + i)).join('');
    const { fromNs, toNs } = (await meterOf(`${burst}\nend ${hour}`)).bestWindow(100)!;
    expect(toNs).toBeGreaterThan(hour / 2);
    expect(toNs - fromNs).toBeLessThan(1 * MS);
  });

  test('holds no more rows than it may, and the moment it is to show', async () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 100 }), fc.nat(999), async (list, rows, around) => {
        const sorted = list.toSorted((a, b) => a - b).map((ms) => ms * MS);
        const lines = sorted.map((ns, i) => `${ns} 1 ${i % 2 ? 'runnable running' : 'running runnable'}`).join('\n');
        const meter = await meterOf(`${lines}\nend ${1000 * MS}`);
        const best = meter.bestWindow(rows);
        const near = meter.windowAround(around * MS, rows);
        for (const window of [best, near]) {
          expect(window).toBeDefined();
          expect(sorted.filter((ns) => ns >= window!.fromNs && ns < window!.toNs).length).toBeLessThanOrEqual(rows);
        }
        expect(near!.fromNs <= around * MS && near!.toNs > around * MS).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
