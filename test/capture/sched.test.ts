import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { COUNTERS, COUNTERS_BYTES } from '../../src/capture/bpf-layout.js';
import { SCHED_EVENT, SCHED_EVENT_BYTES, SCHED_OPTIONS } from '../../src/capture/sched/sched-layout.js';
import { MAXIMUM_ROWS, SchedRows } from '../../src/capture/sched/sched-rows.js';
import { OsState } from '../../src/model/os-schedule.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { readBtfStructs } from '../support/btf.js';

const objectOf = (arch: string) => fileURLToPath(new URL(`../../dist/bpf/sched-${arch}.bpf.o`, import.meta.url));

describe.each(['x64', 'arm64'])('the BPF object of --sched for %s', (arch) => {
  const structs = readBtfStructs(objectOf(arch));

  test('lays an event out as the decoder reads it', () => {
    expect(structs.get('sched_event')).toEqual({ bytes: SCHED_EVENT_BYTES, members: SCHED_EVENT });
  });

  test('lays counters and constants out as the recorder takes them', () => {
    expect(structs.get('gotape_counters')).toEqual({ bytes: COUNTERS_BYTES, members: COUNTERS });
    const expected = Object.fromEntries(SCHED_OPTIONS.map((option, i) => [option, 4 * i]));
    expect(structs.get('sched_options')).toEqual({ bytes: 4 * SCHED_OPTIONS.length, members: expected });
  });
});

describeWithBpf('the BPF object of --sched', () => {
  test.each([
    0, 1,
  ])('loads where the tracepoint tells the state of the thread that leaves, or not: %i', async (tells) => {
    const { BpfFile } = await import('../../src/capture/bpf-file.js');
    using file = new BpfFile('sched');
    file.setConstants(Uint32Array.of(1, tells));
    expect(() => file.load()).not.toThrow();
  });
});

describe('rows of the schedule', () => {
  const add = (rows: SchedRows, timeNs: number) => rows.add(timeNs, 1, 7, 0, OsState.onCpu, -1);
  const times = (rows: SchedRows, untilNs: number, atLeastNs = 0) => [
    ...rows.take(untilNs, atLeastNs).timeNs.subarray(0, 100),
  ];

  test('are put in order of time', () => {
    const rows = new SchedRows();
    for (const time of [10, 30, 20, 40, 5]) add(rows, time);
    expect(times(rows, 100)).toEqual([5, 10, 20, 30, 40]);
  });

  test('leave up to a time, once', () => {
    const rows = new SchedRows();
    for (const time of [10, 20, 30]) add(rows, time);
    expect(times(rows, 20)).toEqual([10, 20]);
    expect(times(rows, 20)).toEqual([]);
    expect(times(rows, Number.POSITIVE_INFINITY)).toEqual([30]);
  });

  test('that come after later ones have left do not let time go back', () => {
    const rows = new SchedRows();
    add(rows, 15);
    expect(times(rows, 100, 20)).toEqual([20]);
  });

  test('keep all columns of a row together, also when there are many', () => {
    const rows = new SchedRows();
    for (let i = 0; i < 40_000; i++) rows.add(i % 2 === 0 ? i + 1 : i - 1, i % 2 === 0 ? i + 1 : i - 1, i, 1, 2, 3);
    const { length, timeNs, pid } = rows.take(Number.POSITIVE_INFINITY, 0);
    expect(length).toBe(40_000);
    expect(timeNs.every((time, row) => time === row && pid[row] === row)).toBe(true);
  });

  test('are no more than a segment may hold: others wait in the ring buffer', () => {
    const rows = new SchedRows();
    while (!rows.isFull) add(rows, rows.length);
    expect(rows.length).toBe(MAXIMUM_ROWS);
  });
});
