import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LABELS, LABELS_MARK, Probe, STACK, STACK_MARK } from '../../src/capture/bpf-layout.js';
import type { DecoderEvents } from '../../src/capture/decoder-events.js';
import { EventDecoder } from '../../src/capture/event-decoder.js';
import { numberReasons } from '../../src/capture/wait-reasons.js';
import { GoState } from '../../src/model/go-state.js';
import type { Label } from '../../src/model/trace-facts.js';
import { WakeSource } from '../../src/model/wake-source.js';
import { change, type FakeEvent, FakeRing } from '../support/fake-ring.js';

const reasons = numberReasons(['', 'chan receive', 'preempted', 'coroutine']);

interface Setup {
  readonly staleGoidAtCreation?: boolean;
  readonly reasonOnlyFromPark?: boolean;
  readonly ring?: FakeRing;
}

function decoderOf({ staleGoidAtCreation = false, reasonOnlyFromPark = false, ring = new FakeRing() }: Setup = {}) {
  const seen: string[] = [];
  const events: DecoderEvents = {
    created: (pid, goid, { parentGoid, labels }) =>
      void seen.push(`created ${pid}/${goid} by ${parentGoid}${labels === undefined ? '' : ` ${textOf(labels)}`}`),
    programBegins: () => undefined,
    found: (pid, goid) => void seen.push(`found ${pid}/${goid}`),
    wakeSource: () => WakeSource.timer,
    isPark: (_pid, returnAddress) => returnAddress === 0x9a,
    stackDefined: ({ pid, hash, pcs, rooted }) => void seen.push(`stack ${pid}/${hash}: ${pcs}, rooted ${rooted}`),
    stackOf: (hash) => hash + 1,
    relabelled: (pid, goid, timeNs, labels) => void seen.push(`${timeNs} relabelled ${pid}/${goid} ${textOf(labels)}`),
    segmentFull: () => void seen.push('segment full'),
  };
  const options = { startNs: 0n, reasons, staleGoidAtCreation, reasonOnlyFromPark };
  return { ring, decoder: new EventDecoder(ring, options, events), seen };
}

function textOf(labels: readonly Label[]): string {
  return labels.map(({ key, value }) => `${key}=${value}`).join(' ');
}

function rowsOf(decoder: EventDecoder): string[] {
  const { rows } = decoder;
  return Array.from(
    { length: rows.length },
    (_, i) => `${rows.timeNs[i]} g${rows.goid[i]} ${rows.from[i]}→${rows.to[i]}`,
  );
}

const at = (
  timeNs: number,
  goid: number,
  what: { from: number; to: number },
  more: Partial<FakeEvent> = {},
): FakeEvent => ({
  timeNs,
  goid,
  g: 0xc000_0000_00 + goid * 512,
  ...what,
  ...more,
});

describe('the decoder', () => {
  test('turns records into rows in the order of their times', () => {
    const { ring, decoder } = decoderOf();
    ring.push(at(10, 7, change.run));
    ring.push(at(30, 7, change.block));
    ring.push(at(20, 8, change.wake));
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['10 g7 1→2', '20 g8 4→1', '30 g7 2→4']);
  });

  test('stops at a record that is still being written and goes on from there when it is complete', () => {
    const { ring, decoder } = decoderOf();
    ring.push(at(10, 7, change.run));
    const complete = ring.push(at(20, 7, change.block), 'busy');
    ring.push(at(30, 7, change.wake));
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['10 g7 1→2']);
    complete();
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['10 g7 1→2', '20 g7 2→4', '30 g7 4→1']);
  });

  test('skips a record that its producer gave up', () => {
    const { ring, decoder } = decoderOf();
    ring.push(at(10, 7, change.run), 'discarded');
    ring.push(at(20, 7, change.block));
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['20 g7 2→4']);
  });

  test('gives every byte back to the producers, across the end of the ring and past position 2^32', () => {
    const { ring, decoder } = decoderOf({ ring: new FakeRing(256, 2 ** 32 - 144) });
    for (let i = 0; i < 50; i++) {
      ring.push(at(i, 7, i % 2 ? change.block : change.run));
      decoder.drain();
    }
    expect(ring.free).toBe(256);
    expect(decoder.rows.length).toBe(50);
  });

  test('drops the second report of a system call whose fast change of state failed', () => {
    const { ring, decoder } = decoderOf();
    ring.push(at(10, 7, change.enterSyscall, { probe: Probe.enterSyscall }));
    ring.push(at(11, 7, change.enterSyscall));
    ring.push(at(20, 7, change.exitSyscall, { probe: Probe.exitSyscall }));
    ring.push(at(21, 7, change.exitSyscall));
    ring.push(at(30, 7, change.enterSyscall));
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['10 g7 2→3', '20 g7 3→2', '30 g7 2→3']);
    expect(decoder.counts.folded).toBe(2);
  });

  test('drops the scan bit that goes after a preemption, and names the wait that follows', () => {
    const { ring, decoder } = decoderOf();
    ring.push(at(10, 7, { from: GoState.running, to: GoState.preempted }, { probe: Probe.preemptScan }));
    ring.push(at(11, 7, { from: GoState.preempted, to: GoState.preempted }, { probe: Probe.fromScan }));
    ring.push(at(12, 7, { from: GoState.preempted, to: GoState.waiting }, { probe: Probe.fromPreempted, reason: 1 }));
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['10 g7 2→9', '12 g7 9→4']);
    expect(reasons.texts[decoder.rows.reason[1] as number]).toBe('preempted');
  });

  test('takes the id of a goroutine made by Go 1.23 or older from its next event', () => {
    const { ring, decoder, seen } = decoderOf({ staleGoidAtCreation: true });
    const g = 0xc000_0001_00;
    ring.push(at(10, 7, change.exit, { g }));
    ring.push(at(20, 7, change.create, { g, waker: 3 }));
    ring.push(at(30, 8, change.run, { g }));
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['10 g7 2→6', '20 g8 6→1', '30 g8 1→2']);
    expect(seen).toEqual(['found 1/7', 'created 1/8 by 3']);
  });

  test('finds the row of a creation again after an overtaken event has moved it', () => {
    const { ring, decoder } = decoderOf({ staleGoidAtCreation: true });
    ring.push(at(20, 7, change.create, { g: 64 }));
    ring.push(at(10, 5, change.run));
    ring.push(at(30, 9, change.run, { g: 64 }));
    decoder.drain();
    expect(rowsOf(decoder)).toEqual(['10 g5 1→2', '20 g9 6→1', '30 g9 1→2']);
  });

  test('leaves the id of a creation 0 and counts it when the row had to leave before the id was known', () => {
    const { ring, decoder, seen } = decoderOf({ staleGoidAtCreation: true });
    ring.push(at(20, 7, change.create, { g: 64, waker: 3 }));
    decoder.drain();
    decoder.rowsWritten(1);
    expect(decoder.counts.unnamed).toBe(1);
    ring.push(at(30, 9, change.run, { g: 64 }));
    decoder.drain();
    expect(seen).toEqual(['created 1/9 by 3']);
    expect(rowsOf(decoder)).toEqual(['30 g9 1→2']);
  });

  test('trusts the id at a creation from Go 1.24 on', () => {
    const { ring, decoder, seen } = decoderOf();
    ring.push(at(20, 7, change.create, { waker: 3 }));
    decoder.drain();
    expect(seen).toEqual(['created 1/7 by 3']);
  });

  test('keeps goroutines of two processes with the same address apart', () => {
    const { ring, decoder, seen } = decoderOf();
    ring.push(at(10, 7, change.run, { g: 64, pid: 100 }));
    ring.push(at(20, 9, change.run, { g: 64, pid: 200 }));
    ring.push(at(30, 7, change.block, { g: 64, pid: 100 }));
    decoder.drain();
    expect(seen).toEqual(['found 100/7', 'found 200/9']);
    expect(decoder.counts.unstable).toBe(0);
  });

  test('counts a goroutine whose id changes while it lives, and a state that contradicts memory', () => {
    const { ring, decoder } = decoderOf();
    ring.push(at(10, 7, change.run, { g: 64 }));
    ring.push(at(20, 9, change.block, { g: 64, mismatch: true }));
    decoder.drain();
    expect(decoder.counts).toMatchObject({ unstable: 1, mismatched: 1 });
  });

  test('names the waker when a goroutine made the change, and asks for the source when none did', () => {
    const { ring, decoder } = decoderOf();
    ring.push(at(10, 7, change.wake, { waker: 3 }));
    ring.push(at(20, 8, change.wake));
    ring.push(at(30, 9, change.run));
    decoder.drain();
    expect([...decoder.rows.wakeSource.subarray(0, 3)]).toEqual([
      WakeSource.goroutine,
      WakeSource.timer,
      WakeSource.none,
    ]);
    expect([...decoder.rows.waker.subarray(0, 2)]).toEqual([3, 0]);
  });

  test('believes a wait reason of Go 1.19 only when park_m makes the change', () => {
    const { ring, decoder } = decoderOf({ reasonOnlyFromPark: true });
    ring.push(at(10, 7, change.block, { reason: 1, pc: 0x9a }));
    ring.push(at(20, 8, change.block, { reason: 1, pc: 0x77 }));
    decoder.drain();
    const names = [...decoder.rows.reason.subarray(0, 2)].map((reason) => reasons.texts[reason]);
    expect(names).toEqual(['chan receive', 'system stack']);
  });

  test('keeps each goroutine in its own order whatever the times of the others do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(40)), { maxLength: 60 }), (steps) => {
        const { ring, decoder } = decoderOf({ ring: new FakeRing(8192) });
        const clock = new Map<number, number>();
        const expected = new Map<number, string[]>();
        steps.forEach(([goid, delay], i) => {
          const timeNs = Math.max(clock.get(goid) ?? 0, i * 10 - delay, 0);
          clock.set(goid, timeNs);
          const what = (expected.get(goid)?.length ?? 0) % 2 ? change.block : change.run;
          expected.set(goid, [...(expected.get(goid) ?? []), `${timeNs} g${goid} ${what.from}→${what.to}`]);
          ring.push(at(timeNs, goid, what));
        });
        decoder.drain();
        const rows = rowsOf(decoder);
        for (const [goid, own] of expected) expect(rows.filter((row) => row.includes(` g${goid} `))).toEqual(own);
        const times = [...decoder.rows.timeNs.subarray(0, rows.length)];
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });
});

/** As bpf/stacks.h writes it. */
function stackRecord(hash: number, pcs: readonly number[], end = 0): Uint8Array {
  const bytes = Buffer.alloc(STACK.pcs + 8 * pcs.length + STACK_MARK);
  bytes.writeBigUInt64LE(BigInt(hash), STACK.hash);
  bytes.writeUInt32LE(1, STACK.tgid);
  bytes.writeUInt16LE(pcs.length, STACK.count);
  bytes.writeUInt16LE(end, STACK.end);
  for (const [i, pc] of pcs.entries()) bytes.writeBigUInt64LE(BigInt(pc), STACK.pcs + 8 * i);
  return bytes;
}

/** As bpf/labels.h writes it. */
function labelsRecord(goid: number, created: number, labels: readonly Label[], timeNs = 5): Uint8Array {
  const texts = labels.flatMap(({ key, value }) => [key, value]).map((text) => Buffer.from(text));
  const packed = Buffer.concat(texts.flatMap((text) => [Buffer.of(text.length & 0xff, text.length >> 8), text]));
  const bytes = Buffer.alloc(LABELS.text + ((packed.length + 7) & ~7) + LABELS_MARK);
  bytes.writeBigUInt64LE(BigInt(timeNs), LABELS.time_ns);
  bytes.writeBigUInt64LE(BigInt(0xc000_0000_00 + goid * 512), LABELS.g);
  bytes.writeBigUInt64LE(BigInt(goid), LABELS.goid);
  bytes.writeUInt32LE(1, LABELS.tgid);
  bytes.writeUInt16LE(labels.length, LABELS.count);
  bytes.writeUInt8(created, LABELS.created);
  packed.copy(bytes, LABELS.text);
  return bytes;
}

describe('records that describe', () => {
  const pcs = [0x401000, 0xffff_ffff_f000];

  test('define a stack before the row that names it', () => {
    const { ring, decoder, seen } = decoderOf();
    ring.push(at(5, 7, change.run));
    ring.pushRecord(stackRecord(41, pcs));
    ring.push(at(10, 7, change.block, { stackHash: 41 }));
    ring.pushRecord(stackRecord(2 ** 53 - 1, pcs, 1));
    decoder.drain();
    expect(seen).toEqual([
      'found 1/7',
      `stack 1/41: ${pcs}, rooted true`,
      `stack 1/${2 ** 53 - 1}: ${pcs}, rooted false`,
    ]);
    expect([...decoder.rows.stack.subarray(0, 2)]).toEqual([0, 42]);
  });

  test('are found behind each other whatever the number of their frames', () => {
    const { ring, decoder, seen } = decoderOf();
    for (let frames = 0; frames <= 64; frames++) {
      ring.pushRecord(stackRecord(frames + 1, new Array<number>(frames).fill(9)));
      ring.push(at(frames, 7, change.run));
      decoder.drain();
    }
    expect(seen.filter((text) => text.startsWith('stack'))).toHaveLength(65);
    expect(decoder.counts.events).toBe(65);
  });

  const labels = [
    { key: 'kind', value: 'a long one: '.repeat(25) },
    { key: 'leer', value: '' },
  ];

  test.each([true, false])('give labels to the goroutine that is created next with this g (stale id: %s)', (stale) => {
    const { ring, decoder, seen } = decoderOf({ staleGoidAtCreation: stale });
    ring.pushRecord(labelsRecord(9, 1, labels));
    ring.push(at(10, 9, change.create, { waker: 3 }));
    ring.push(at(20, 9, change.run));
    ring.push(at(30, 9, change.exit));
    ring.push(at(40, 9, change.create, { waker: 3 }));
    ring.push(at(50, 9, change.run));
    decoder.drain();
    expect(seen).toEqual([`created 1/9 by 3 ${textOf(labels)}`, 'created 1/9 by 3']);
  });

  test('say when there were more labels than fit', () => {
    const { ring, decoder, seen } = decoderOf();
    const record = labelsRecord(9, 0, labels.slice(1), 15);
    record[LABELS.incomplete] = 1;
    ring.pushRecord(record);
    decoder.drain();
    expect(seen.at(-1)).toBe('15 relabelled 1/9 leer= …=more or longer labels than are recorded');
  });

  test('tell of a change of labels, and first of a goroutine that was not known', () => {
    const { ring, decoder, seen } = decoderOf();
    ring.pushRecord(labelsRecord(9, 0, labels, 15));
    ring.pushRecord(labelsRecord(9, 0, [], 25));
    decoder.drain();
    expect(seen).toEqual(['found 1/9', `15 relabelled 1/9 ${textOf(labels)}`, '25 relabelled 1/9 ']);
  });
});
