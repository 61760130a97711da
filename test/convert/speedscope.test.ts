import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { speedscopeFormat } from '../../src/convert/speedscope.js';
import { MAX_PROFILES, MAX_SPANS, SpeedscopePlan } from '../../src/convert/speedscope-plan.js';
import { MEASURES } from '../../src/convert/stack-sums.js';
import { SpanKind } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToMemory } from '../support/gotrace.js';
import { LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS, traceWithStacks } from '../support/with-stacks.js';
import { randomTrace } from './random-trace.js';

interface Evented {
  readonly type: 'evented';
  readonly name: string;
  readonly startValue: number;
  readonly endValue: number;
  readonly events: readonly { readonly type: 'O' | 'C'; readonly frame: number; readonly at: number }[];
}

interface Sampled {
  readonly type: 'sampled';
  readonly name: string;
  readonly endValue: number;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

interface File {
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly (Evented | Sampled)[];
}

const schema = new URL('../../node_modules/speedscope/dist/release/file-format-schema.json', import.meta.url);
const isValid = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(schema, 'utf8')) as object);

async function convert(source: TraceSource): Promise<File> {
  const { files } = await convertToMemory(speedscopeFormat, source);
  const file = JSON.parse(files.get('')!.toString()) as File;
  expect(isValid(file), JSON.stringify(isValid.errors)).toBe(true);
  return file;
}

const sampled = ({ profiles }: File) => profiles.filter((profile) => profile.type === 'sampled');
const evented = ({ profiles }: File) => profiles.filter((profile) => profile.type === 'evented');

/** ns by stack, `main.worker > (select)`; checks that frames nest and times never go back. */
function timeByStack({ events, startValue, endValue }: Evented, { shared }: File): Record<string, number> {
  const times: Record<string, number> = {};
  const stack: number[] = [];
  let lastNs = startValue;
  for (const { type, frame, at } of events) {
    const name = stack.map((open) => shared.frames[open]!.name).join(' > ');
    expect(at).toBeGreaterThanOrEqual(lastNs);
    if (name !== '' && at > lastNs) times[name] = (times[name] ?? 0) + at - lastNs;
    lastNs = at;
    if (type === 'O') stack.push(frame);
    else expect(stack.pop()).toBe(frame);
  }
  expect(stack).toEqual([]);
  expect(lastNs).toBe(endValue);
  return times;
}

test('a goroutine is a profile of what it did, where and why', async () => {
  const file = await convert(traceWithStacks(LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS));
  const worker = evented(file).find(({ name }) => name === 'G2 main.worker');
  expect(timeByStack(worker!, file)).toEqual({
    'main.worker > (execution)': 140,
    'main.worker > (sched wait)': 20,
    'main.worker > main.save > sync.(*Mutex).Lock > (sync.Mutex.Lock)': 600,
    'main.worker > main.save > sync.(*Mutex).Lock > (sched wait)': 50,
    'main.worker > os.(*File).Write > (syscall)': 100,
  });
});

test('a frame that goes on stays open: its goroutine is one block', async () => {
  const file = await convert(traceWithStacks(LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS));
  const worker = evented(file).find(({ name }) => name === 'G2 main.worker')!;
  const opened = worker.events.filter(
    ({ type, frame }) => type === 'O' && file.shared.frames[frame]!.name === 'main.worker',
  );
  expect(opened).toHaveLength(1);
});

test('all goroutines, and each of them, have the time of their spans, whatever the trace', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const file = await convert(source);
      const { spans } = await collectSpans(source);
      let ns = 0;
      for (const { kind, name } of MEASURES) {
        const expected = spans
          .filter((span) => span.kind === kind)
          .reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
        expect(sampled(file).find((profile) => profile.name === `all goroutines: ${name}`)?.endValue ?? 0).toBe(
          expected,
        );
        ns += expected;
      }
      const times = evented(file).flatMap((profile) => Object.values(timeByStack(profile, file)));
      expect(times.reduce((sum, time) => sum + time, 0)).toBe(ns);
    }),
    { numRuns: 100 },
  );
});

test('of many goroutines those have a profile that executed longest', () => {
  const plan = new SpeedscopePlan();
  const nothing = { reason: 0, tid: 0, cpu: 0, p: 0, waker: 0, wakeSource: 0, stack: 0, crossesGap: false };
  for (let goroutine = 0; goroutine < 3 * MAX_PROFILES; goroutine++) {
    plan.begin(goroutine);
    plan.span({ ...nothing, goroutine, kind: SpanKind.running, hint: SpanKind.running, startNs: 0, endNs: goroutine });
  }
  const chosen = [...plan.chosen()];
  expect(chosen).toHaveLength(MAX_PROFILES);
  expect(Math.min(...chosen)).toBe(2 * MAX_PROFILES);
});

test('a goroutine with too many spans keeps no other out', () => {
  const plan = new SpeedscopePlan();
  const nothing = { reason: 0, tid: 0, cpu: 0, p: 0, waker: 0, wakeSource: 0, stack: 0, crossesGap: false };
  const span = { ...nothing, kind: SpanKind.running, hint: SpanKind.running, startNs: 0, endNs: 10 };
  for (const goroutine of [0, 1]) plan.begin(goroutine);
  for (let i = 0; i <= MAX_SPANS; i++) plan.span({ ...span, goroutine: 0 });
  plan.span({ ...span, goroutine: 1 });
  expect([...plan.chosen()]).toEqual([1]);
});
