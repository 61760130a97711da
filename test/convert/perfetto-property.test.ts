import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToPerfetto } from '../support/convert-to-perfetto.js';
import { type Figure, type ImportedTrace, importPerfetto, slicesByCategory, statesByName } from './perfetto-rules.js';
import { randomTrace } from './random-trace.js';

const RUNS = { numRuns: 80 };
const NOTHING: Figure = { count: 0, ns: 0 };

async function imported(source: TraceSource, layout: string) {
  const { bytes, audit } = await convertToPerfetto(source, { layout });
  const { spans } = await collectSpans(source);
  return { audit, spans, trace: importPerfetto(bytes) };
}

test('native: any stream of transitions becomes states and slices that are its spans, and breaks no rule', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { trace, spans, audit } = await imported(source, 'native');
      expectStates(trace, spans, Number(audit.kinds[SpanKind.unknown]!.statelessNs.value));
      const slices = slicesByCategory(trace);
      for (const kind of [SpanKind.waiting, SpanKind.syscall, SpanKind.unseen, SpanKind.unknown, SpanKind.preempted]) {
        expect(slices[SPAN_KIND_NAMES[kind]!] ?? NOTHING).toEqual(figureOf(spans, kind));
      }
    }),
    RUNS,
  );
});

test('tree: any stream of transitions becomes slices that are its spans, and breaks no rule', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { trace, spans, audit } = await imported(source, 'tree');
      const slices = slicesByCategory(trace);
      for (const [kind, name] of SPAN_KIND_NAMES.entries()) {
        expect(slices[name] ?? NOTHING).toEqual(figureOf(spans, kind as SpanKind));
      }
      expect(slices['P'] ?? NOTHING).toEqual(figureOf(spans, SpanKind.running));
      expect(trace.flows).toHaveLength(audit.flows.arrows);
    }),
    RUNS,
  );
});

function expectStates(trace: ImportedTrace, spans: readonly Span[], statelessNs: number): void {
  const closed = statesByName(trace);
  const nsOf = (...kinds: SpanKind[]) => kinds.reduce<number>((sum, kind) => sum + figureOf(spans, kind).ns, 0);
  expect({
    running: closed['running']?.ns ?? 0,
    runnable: closed['runnable']?.ns ?? 0,
    waiting: closed['interruptible_sleep']?.ns ?? 0,
    syscall: closed['uninterruptible_sleep']?.ns ?? 0,
    others: closed['stopped']?.ns ?? 0,
  }).toEqual({
    running: nsOf(SpanKind.running),
    runnable: nsOf(SpanKind.runnable),
    waiting: nsOf(SpanKind.waiting),
    syscall: nsOf(SpanKind.syscall),
    others: nsOf(SpanKind.unknown, SpanKind.unseen, SpanKind.preempted) - statelessNs,
  });
}

function figureOf(spans: readonly Span[], kind: SpanKind): Figure {
  const some = spans.filter((span) => span.kind === kind);
  return { count: some.length, ns: some.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0) };
}
