import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GoState, goStateName } from '../../src/model/go-state.js';
import { LEGAL_TRANSITIONS } from '../../src/model/legal-transitions.js';
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../src/model/span.js';
import type { Gap } from '../../src/model/trace-facts.js';
import { NO_P, NO_STACK } from '../../src/model/transition-batch.js';
import { type Collected, collectSpans } from '../support/collect-spans.js';
import { type ReferenceSpan, referenceReplay } from '../support/reference-replay.js';
import { type Row, traceOf } from '../support/text-trace.js';

const REASONS = ['', 'chan receive', 'GC assist marking', 'stopping the world', 'preempted'];
const STATES = [...Object.values(GoState), 42];
const PIDS = [1, 2];

interface Step {
  readonly who: number;
  readonly pid: number;
  readonly dt: number;
  readonly choice: number;
  readonly reason: number;
  readonly tid: number;
  readonly p: number;
  readonly waker: number;
  /** What is wrong with the row: mostly nothing. */
  readonly fault: 'none' | 'other from' | 'other to' | 'backwards';
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat({ max: 3 }),
  pid: fc.constantFrom(...PIDS),
  dt: fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 4 }) }, { weight: 1, arbitrary: fc.constant(150_000) }),
  choice: fc.nat({ max: 1000 }),
  reason: fc.nat({ max: REASONS.length - 1 }),
  tid: fc.constantFrom(100, 101),
  p: fc.constantFrom(NO_P, 0, 1),
  waker: fc.nat({ max: 3 }),
  fault: fc.constantFrom('none', 'none', 'none', 'none', 'none', 'none', 'none', 'other from', 'other to', 'backwards'),
});

/** Rows from steps: each goroutine makes legal changes from a state that it may have been in before the trace. */
function rowsOf(steps: readonly Step[], faults: 'legal' | 'faulty'): Row[] {
  const states = new Map<string, number>();
  let timeNs = 0;
  return steps.map((step) => {
    const fault = faults === 'legal' ? 'none' : step.fault;
    const key = `${step.pid}/${step.who}`;
    const known = states.get(key) ?? LEGAL_TRANSITIONS[step.choice % LEGAL_TRANSITIONS.length]![0];
    const from = fault === 'other from' ? STATES[step.choice % STATES.length]! : known;
    const legal = LEGAL_TRANSITIONS.filter(([state]) => state === from);
    const any = fault === 'other to' || legal.length === 0;
    const to = any ? STATES[(step.choice >> 3) % STATES.length]! : legal[step.choice % legal.length]![1];
    states.set(key, to);
    timeNs += step.dt;
    return {
      timeNs: fault === 'backwards' ? timeNs - 3 : timeNs,
      goid: step.who,
      pid: step.pid,
      tid: step.tid,
      cpu: 0,
      p: to === GoState.running ? step.p : NO_P,
      from,
      to,
      reason: to === GoState.waiting ? REASONS[step.reason]! : '',
      waker: to === GoState.runnable ? step.waker : 0,
      wakeSource: 0,
      stack: NO_STACK,
    };
  });
}

function simplified(span: Span, reasons: readonly string[]): ReferenceSpan {
  return {
    kind: SPAN_KIND_NAMES[span.kind]!,
    startNs: span.startNs,
    endNs: span.endNs,
    reason: span.kind === SpanKind.waiting || span.kind === SpanKind.unknown ? reasons[span.reason]! : '',
    tid: span.kind === SpanKind.running ? span.tid : 0,
    p: span.kind === SpanKind.running ? span.p : NO_P,
    waker: span.kind === SpanKind.runnable ? span.waker : 0,
    hint: span.kind === SpanKind.unknown ? SPAN_KIND_NAMES[span.hint]! : '',
    crossesGap: span.crossesGap,
  };
}

async function replayed(
  rows: readonly Row[],
  gaps: readonly Gap[],
  endNs: number,
  cut: number,
): Promise<Collected & { reasons: readonly string[] }> {
  const source = traceOf(
    [
      { rows: rows.slice(0, cut), goroutines: [], gaps: [...gaps] },
      { rows: rows.slice(cut), goroutines: [], gaps: [] },
    ],
    endNs,
  );
  return { ...(await collectSpans(source)), reasons: source.reasons };
}

const gapList = fc.array(
  fc.record({ fromNs: fc.nat({ max: 200 }), length: fc.nat({ max: 20 }) }).map(({ fromNs, length }) => ({
    fromNs,
    toNs: fromNs + length,
    lost: 1,
    why: 'ring full',
  })),
  { maxLength: 3 },
);

test.each([
  'legal',
  'faulty',
] as const)('replay finds the spans that the reference finds in %s streams', async (faults) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      gapList,
      fc.nat({ max: 60 }),
      fc.nat({ max: 50 }),
      async (steps, gaps, cut, more) => {
        const rows = rowsOf(steps, faults);
        const endNs = Math.max(0, ...rows.map(({ timeNs }) => timeNs)) + more;
        const { spans, goroutines, reasons } = await replayed(rows, gaps, endNs, cut);
        const expected = referenceReplay(rows, gaps, endNs);
        const found = new Map<string, ReferenceSpan[]>([...expected.keys()].map((key) => [key, []]));
        for (const span of spans) {
          found
            .get(`${goroutines.pidOf(span.goroutine)}/${goroutines.goidOf(span.goroutine)}`)
            ?.push(simplified(span, reasons));
        }
        expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
      },
    ),
    { numRuns: 1500 },
  );
});

test('spans tile the life of their goroutine: no hole, no overlap, and they add up to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat({ max: 50 }), async (steps, more) => {
      const rows = rowsOf(steps, 'faulty');
      const endNs = Math.max(0, ...rows.map(({ timeNs }) => timeNs)) + more;
      const { calls } = await replayed(rows, [], endNs, 0);
      const positions = new Map<number, number>();
      for (const call of calls) {
        if (call.what === 'begin') {
          expect(positions.has(call.goroutine)).toBe(false);
          positions.set(call.goroutine, call.timeNs);
        } else if (call.what === 'span') {
          expect(positions.get(call.goroutine)).toBe(call.startNs);
          expect(call.endNs).toBeGreaterThanOrEqual(call.startNs);
          positions.set(call.goroutine, call.endNs);
        } else {
          expect(positions.get(call.goroutine)).toBe(call.timeNs);
          positions.delete(call.goroutine);
        }
      }
      for (const position of positions.values()) expect(position).toBe(endNs);
    }),
    { numRuns: 1000 },
  );
});

test('a legal stream that begins with creations has neither unseen time nor illegal changes', async () => {
  const rows = rowsOf(
    Array.from({ length: 200 }, (_, index) => ({
      who: 1 + (index % 3),
      pid: 1,
      dt: 1,
      choice: index * 7,
      reason: 1,
      tid: 100,
      p: 0,
      waker: 0,
      fault: 'none' as const,
    })),
    'legal',
  );
  const { counts, spans } = await replayed(rows, [], 300, 50);
  expect(counts.unseenPairs.every((count) => count === 0)).toBe(true);
  expect(spans.some(({ kind }) => kind === SpanKind.unseen)).toBe(false);
  expect(rows.map(({ from }) => goStateName(from))).toContain('waiting');
});
