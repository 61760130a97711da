/** Problems of stacks, calls and OS schedules are found, and repaired. */
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../src/base/byte-source.js';
import { OsState } from '../../src/model/os-schedule.js';
import type { SegmentDetails } from '../../src/model/trace-segment.js';
import { readArchive } from '../../src/trace/archive-reader.js';
import { repairTrace } from '../../src/trace/repair/repair-trace.js';
import { verifyTrace } from '../../src/trace/verify/verify-trace.js';
import { textTrace } from '../support/text-trace.js';
import { allOf, call, detailedTrace, frame, osSchedule } from '../support/trace-with-details.js';
import { openMemory } from './edit/open-memory.js';
import { MemorySink, pack, unpack, writeTrace } from './memory-file.js';
import { balanced } from './sound-trace.js';

const whole = balanced(await writeTrace(detailedTrace()));

async function traceWith(...segments: readonly SegmentDetails[]): Promise<Uint8Array> {
  const rows = segments.map((_, i) => `${100 * (i + 1)} 1 ${i % 2 === 0 ? 'runnable running' : 'running runnable'}`);
  const source = textTrace(`found 1 main.main\n${rows.join('\nsegment\n')}\nend 1000`);
  const withDetails = {
    ...source,
    reasons: source.reasons,
    async *segments() {
      for await (const segment of source.segments()) yield { ...segment, ...segments[segment.index] };
    },
  };
  return balanced(await writeTrace(withDetails));
}

function problems(file: Uint8Array): string[] {
  return verifyTrace(bytesSource(file)).problems.map(
    ({ entry, row, found, expected }) => `${entry}[${row ?? ''}] ${found} | ${expected}`,
  );
}

function repaired(file: Uint8Array) {
  const sink = new MemorySink();
  const { lost } = repairTrace(bytesSource(file), sink);
  expect(problems(sink.bytes)).toEqual([]);
  return { lost, trace: openMemory(sink.bytes) };
}

const a = frame(1, 'main.a', 1);
const stack = { id: 1, frames: [1], truncated: false };

test.each<[string, SegmentDetails[], string[]]>([
  [
    'an id that is told twice',
    [
      { frames: [a], stacks: [stack] },
      { frames: [a], stacks: [stack] },
    ],
    [
      'functions/000001.arrow[0] frame 1 a second time | each once',
      'stacks/000001.arrow[0] stack 1 a second time | each once',
    ],
  ],
  ['id 0', [{ frames: [{ ...a, id: 0 }] }], ['functions/000000.arrow[0] frame 0 | an id above 0']],
  [
    'a frame that is told later',
    [{ stacks: [stack] }, { frames: [a] }],
    ['stacks/000000.arrow[0] frame 1 | one that was told before'],
  ],
  [
    'a call that ended before the last',
    [{ calls: [call(10, 50)] }, { calls: [call(60, 70), call(20, 30, { depth: 1 })] }],
    ['calls/000001.arrow[1] a call that ends at 30 ns | 70 to 10001000 ns'],
  ],
  [
    'a call that ends after the recording',
    [{ calls: [call(10, 1e9)] }],
    ['calls/000000.arrow[0] a call that ends at 1000000000 ns | 0 to 10001000 ns'],
  ],
  [
    'two calls of one goroutine and depth at once',
    [{ calls: [call(10, 50), call(40, 60), call(40, 60, { depth: 1 }), call(45, 70, { outcome: 'unknown' })] }],
    ['calls/000000.arrow[1] a call from 40 ns | one of depth 0 after 50 ns, where the last ends'],
  ],
  [
    'threads that change back in time',
    [
      { osSchedule: osSchedule([{ timeNs: 50, tid: 0, state: OsState.onCpu }]) },
      { osSchedule: osSchedule([{ timeNs: 40, tid: 9, state: OsState.onCpu }]) },
    ],
    ['sched/000000.arrow[0] thread 0 | an id above 0', 'sched/000001.arrow[0] 40 ns | 50 to 10001000 ns'],
  ],
])('%s is a problem, and repair leaves the table out', async (_, segments, expected) => {
  const file = await traceWith(...segments);
  expect(problems(file)).toEqual(expected);
  repaired(file);
});

test('a stack that a row names before it is told is a problem', async () => {
  const entries = unpack(whole).filter(({ name }) => name !== 'stacks/000001.arrow');
  expect(problems(pack(entries))).toEqual(['transitions/000001.arrow[0] stack 7 | one that was told before']);
  const { lost } = repaired(pack(entries));
  expect(lost).toEqual(['1 stacks, or parts of them, which no table tells']);
});

describe('what is damaged', () => {
  const inverted = (name: string) => {
    const copy = Buffer.from(whole);
    const entry = readArchive(bytesSource(whole)).entries.find((each) => each.name === name)!;
    copy[entry.offset + 30 + name.length + (entry.size >> 1)]! ^= 0xff;
    return copy;
  };

  test.each([
    'functions/000000.arrow',
    'stacks/000000.arrow',
    'calls/000001.arrow',
    'sched/000002.arrow',
  ])('as %s is left out by a reader, and the rest read', async (name) => {
    const trace = openMemory(inverted(name));
    const [read, own] = [await allOf(trace), await allOf(detailedTrace())];
    expect(trace.damage).toEqual([expect.stringContaining(name)]);
    expect(read.rowStacks).toEqual(own.rowStacks);
    const missing = Object.entries(own).filter(([key, rows]) => rows.length !== read[key as keyof typeof own].length);
    expect(missing).toHaveLength(1);
  });

  test('of calls and schedules is a gap in a repaired trace, and no loss of transitions', async () => {
    const { trace } = repaired(inverted('calls/000001.arrow'));
    const { gaps, calls } = await allOf(trace);
    expect(gaps.at(-1)).toEqual({ fromNs: 190, toNs: 200, lost: 0, why: 'damaged file', stream: 'calls' });
    expect(calls).toHaveLength(2);
    expect(trace.summary?.losses).toMatchObject({ dropped: 3 });
  });

  test('of stacks is told', async () => {
    const { lost } = repaired(inverted('stacks/000000.arrow'));
    expect(lost).toContainEqual('1 stacks, or parts of them, which no table tells');
  });
});
