/** `convert --to pprof`, decoded by protobufjs and by `go tool pprof`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pprofFormat } from '../../src/convert/pprof/pprof-format.js';
import { EVERYBODY, StackSums } from '../../src/convert/stack-sums.js';
import { type Span, SpanKind } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToMemory } from '../support/gotrace.js';
import { LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS, traceWithStacks } from '../support/with-stacks.js';
import { randomTrace } from './random-trace.js';

const schema = new URL('../../schemas/pprof.proto', import.meta.url).pathname;
const fixture = (name: string) => new URL(`../../fixtures/${name}.gotape.zip`, import.meta.url).pathname;

interface Profile {
  readonly stringTable: readonly string[];
  readonly sampleType: readonly { readonly type: number; readonly unit: number }[];
  readonly sample: readonly {
    readonly locationId: readonly number[];
    readonly value: readonly number[];
    readonly label: readonly { readonly key: number; readonly str?: number; readonly num?: number }[];
  }[];
  readonly location: readonly {
    readonly id: number;
    readonly line: readonly { readonly functionId: number; readonly line: number }[];
  }[];
  readonly function: readonly { readonly id: number; readonly name: number }[];
}

/** A sample as text: `sync.(*Mutex).Lock:30|main.save:20 < main.worker:10` (`|` joins what is inlined), values, labels. */
interface Read {
  readonly stack: string;
  readonly values: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string | number>>;
}

let Message: protobuf.Type;
let folder: string;
beforeAll(async () => {
  Message = (await protobuf.load(schema)).lookupType('perftools.profiles.Profile');
  folder = mkdtempSync(join(tmpdir(), 'gotape-pprof-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function profileOf(source: TraceSource): Promise<Buffer> {
  const { files } = await convertToMemory(pprofFormat, source);
  return files.get('')!;
}

function read(bytes: Buffer): Read[] {
  const options = { longs: Number, arrays: true, defaults: true };
  const profile = Message.toObject(Message.decode(bytes), options) as unknown as Profile;
  const text = (index: number) => profile.stringTable[index]!;
  const functions = new Map(profile.function.map(({ id, name }) => [id, text(name)]));
  const locations = new Map(
    profile.location.map(({ id, line }) => [
      id,
      line.map((at) => `${functions.get(at.functionId)}:${at.line}`).join('|'),
    ]),
  );
  return profile.sample.map(({ locationId, value, label }) => ({
    stack: locationId.map((id) => locations.get(id)).join(' < '),
    values: Object.fromEntries(
      profile.sampleType.map(({ type }, i) => [text(type), value[i]!] as const).filter(([, count]) => count !== 0),
    ),
    labels: Object.fromEntries(label.map(({ key, str, num }) => [text(key), str ? text(str) : (num ?? 0)])),
  }));
}

function total(samples: readonly Read[], type: string): number {
  return samples.reduce((sum, { values }) => sum + (values[type] ?? 0), 0);
}

/** Runs `go tool pprof` on a profile. */
function pprof(bytes: Buffer, ...args: readonly string[]): string {
  const file = join(folder, 'profile.pb.gz');
  writeFileSync(file, gzipSync(bytes));
  const { status, stdout, stderr } = spawnSync('go', ['tool', 'pprof', ...args, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

test('a sample is a stack with its values, goroutine and reason', async () => {
  const samples = read(await profileOf(traceWithStacks(LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS)));
  const lock = 'sync.(*Mutex).Lock:30 < main.save:20|main.worker:10';
  expect(samples).toContainEqual({
    stack: lock,
    values: { blocks: 1, block: 600 },
    labels: { reason: 'sync.Mutex.Lock', goid: 2 },
  });
  // Woken, it is where it waited.
  expect(samples).toContainEqual({
    stack: lock,
    values: { scheds: 1, sched: 50 },
    labels: { reason: 'sched wait', goid: 2 },
  });
  expect(samples).toContainEqual({
    stack: 'os.(*File).Write:50 < main.worker:40',
    values: { syscalls: 1, syscall: 100 },
    labels: { reason: 'syscall', goid: 2 },
  });
});

test('where no stack was recorded, the reason stands on the start function', async () => {
  const samples = read(await profileOf(traceWithStacks(LOCK_AND_CHANNEL, [])));
  expect(samples.map(({ stack }) => stack)).toContain('(sync.Mutex.Lock):0 < main.worker:0');
});

test('goroutines that live at the end are counted where they stand', async () => {
  const samples = read(await profileOf(traceWithStacks(LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS)));
  expect(samples.filter(({ values }) => values['goroutine'])).toEqual([
    { stack: '(chan receive):0 < main.main:0', values: { goroutine: 1 }, labels: { reason: 'chan receive', goid: 1 } },
  ]);
});

test('block, sched and syscall time of any trace are those of its spans', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const samples = read(await profileOf(source));
      const { spans } = await collectSpans(source);
      const [blocks, scheds, syscalls] = [SpanKind.waiting, SpanKind.runnable, SpanKind.syscall].map((kind) =>
        spans.filter((span) => span.kind === kind),
      );
      for (const [type, expected] of [
        ['block', blocks],
        ['sched', scheds],
        ['syscall', syscalls],
      ] as const) {
        expect(total(samples, type)).toBe(expected!.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0));
        expect(total(samples, `${type}s`)).toBe(expected!.length);
      }
    }),
    { numRuns: 100 },
  );
});

test('go tool pprof shows each sample type, by function and raw', async () => {
  using trace = await openTrace(fixture('go1.27-known'));
  const bytes = await profileOf(trace);
  expect(pprof(bytes, '-top', '-sample_index=block', '-tagfocus=reason=sleep')).toContain('(sleep)');
  expect(pprof(bytes, '-top', '-sample_index=sched')).toContain('Type: sched');
  expect(pprof(bytes, '-top', '-sample_index=syscall')).toContain('Type: syscall');
  expect(pprof(bytes, '-top', '-cum', '-sample_index=goroutine')).toContain('runtime.bgsweep');
  const raw = pprof(bytes, '-raw');
  expect(raw).toContain(
    'blocks/count block/nanoseconds[dflt] scheds/count sched/nanoseconds syscalls/count syscall/nanoseconds goroutine/count',
  );
  expect(raw).toMatch(/reason:\[chan receive\]\n\s+goid:\[\d+\]/);
});

test('adding up what was kept by goroutine keeps every figure', () => {
  const sums = new StackSums({ size: 3, pidOf: () => 1, goidOf: (g) => g, infoOf: () => undefined });
  for (const goroutine of [1, 2, 2]) sums.add(waiting(goroutine, 10), goroutine);
  expect(sums.size).toBe(2);
  sums.mergeOwners();
  expect(sums.all().map(({ owner, stays, ns }) => ({ owner, stays, ns: ns.value }))).toEqual([
    { owner: EVERYBODY, stays: 3, ns: 30n },
  ]);
  sums.add(waiting(1, 5));
  expect(sums.all()[0]!.ns.value).toBe(35n);
});

function waiting(goroutine: number, ns: number): Span {
  const nothing = { tid: 0, cpu: 0, p: 0, waker: 0, wakeSource: 0, stack: 0, crossesGap: false };
  return { ...nothing, goroutine, kind: SpanKind.waiting, hint: SpanKind.waiting, reason: 1, startNs: 0, endNs: ns };
}
