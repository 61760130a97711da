/** Traces that no program would make: for properties that must hold for every input. */
import fc from 'fast-check';
import type { CallInfo } from '../../src/model/call.js';
import { GoState } from '../../src/model/go-state.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { NO_P, NO_STACK } from '../../src/model/transition-batch.js';
import { type Row, type TextSegment, traceOf } from '../support/text-trace.js';

const states = Object.values(GoState);
const reasons = ['', 'chan receive', 'select', 'GC assist marking', 'preempted', 'strange "reason"\u0001\ud800'];
const functions = ['main.main', 'main.worker', '', 'a"b\\c</script>\n', 'é日本😀'];
const goids = [1, 2, 17, 999_999_999, 5_000_000_000, 5_000_000_001];

const step = fc.record({
  /** Mostly short steps, many of no length. */
  dt: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 5_000_000 })),
  who: fc.integer({ min: 0, max: goids.length - 1 }),
  to: fc.constantFrom(...states, GoState.running, GoState.running, GoState.runnable, GoState.waiting, 77),
  /** An event whose predecessor is missing. */
  missed: fc.oneof(
    { weight: 9, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...states) },
  ),
  p: fc.constantFrom(0, 1, 2, NO_P),
  reason: fc.constantFrom(...reasons),
  waker: fc.constantFrom(0, ...goids),
  newSegment: fc.integer({ min: 0, max: 9 }),
});

export const randomTrace: fc.Arbitrary<TraceSource> = fc
  .record({
    steps: fc.array(step, { maxLength: 120 }),
    tailNs: fc.integer({ min: 0, max: 100_000 }),
    /** Goroutines that only the tables know: enough of them change the layout. */
    others: fc.constantFrom(0, 200),
  })
  .map(({ steps, tailNs, others }) => {
    const segments: TextSegment[] = [{ rows: [], goroutines: describe(others), gaps: [] }];
    const last = new Map<number, number>();
    let timeNs = 0;
    for (const { dt, who, to, missed, newSegment, ...rest } of steps) {
      if (newSegment === 0)
        segments.push({
          rows: [],
          goroutines: [],
          gaps: [{ fromNs: timeNs, toNs: timeNs + dt, lost: 3, why: 'ring full' }],
        });
      timeNs += dt;
      const goid = goids[who]!;
      const from = missed ?? last.get(goid) ?? GoState.dead;
      last.set(goid, to);
      segments.at(-1)!.rows.push({ timeNs, goid, from, to, ...row, ...rest });
    }
    return traceOf(segments, timeNs + tailNs);
  });

const row: Pick<Row, 'pid' | 'tid' | 'cpu' | 'wakeSource' | 'stack'> = {
  pid: 1,
  tid: 4242,
  cpu: 1,
  wakeSource: 1,
  stack: NO_STACK,
};

function describe(others: number): TextSegment['goroutines'] {
  const known = goids.slice(0, 5).map((goid, i) => ({ goid, startFunction: functions[i]! }));
  const unseen = Array.from({ length: others }, (_, i) => ({ goid: 100 + i, startFunction: 'main.idle' }));
  return [...known, ...unseen].map((goroutine) => ({
    ...goroutine,
    pid: 1,
    firstSeenNs: 0,
    origin: 'created',
    parentGoid: 1,
    createdBy: 'main.main main.go:3',
  }));
}

/** Begin or end the innermost call of a goroutine, at a time near that of a row. */
const callStep = fc.record({
  who: fc.integer({ min: 0, max: goids.length - 1 }),
  dt: fc.integer({ min: 0, max: 3000 }),
});

/** The same with calls, which nest as those of honest programs do; some lie outside of their goroutine's life. */
export const randomTraceWithCalls: fc.Arbitrary<TraceSource> = fc
  .tuple(randomTrace, fc.array(callStep, { maxLength: 40 }))
  .map(([source, steps]) => withCalls(source, steps));

function withCalls(source: TraceSource, steps: readonly { readonly who: number; readonly dt: number }[]): TraceSource {
  const open = new Map<number, number[]>();
  const calls: CallInfo[] = [];
  let timeNs = 0;
  for (const { who, dt } of steps) {
    timeNs = Math.min(timeNs + dt, source.endNs);
    const stack = open.get(who) ?? [];
    open.set(who, stack);
    const ends = dt % 2 === 0 || stack.length > 3;
    const startNs = ends ? stack.pop() : undefined;
    if (startNs === undefined) stack.push(timeNs);
    else calls.push({ ...call, goid: goids[who]!, startNs, endNs: timeNs, depth: stack.length });
  }
  return {
    facts: source.facts,
    reasons: source.reasons,
    endNs: source.endNs,
    async *segments() {
      for await (const segment of source.segments()) yield segment.index === 0 ? { ...segment, calls } : segment;
    },
  };
}

const call = { pid: 1, tid: 4242, function: 'main.f', outcome: 'returned', arguments: 'n="1"' } as const;
