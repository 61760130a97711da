import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPAN_KIND_NAMES, type Span } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToChrome, convertToParts } from '../support/convert-to-chrome.js';
import { randomTrace, randomTraceWithCalls } from './random-trace.js';
import {
  checkTraceEvents,
  figuresByCategory,
  MemorySink,
  slicesByTrack,
  type TraceEvent,
} from './trace-event-rules.js';

async function convertedEvents(source: TraceSource) {
  const sink = new MemorySink();
  const conversion = await convertToChrome(source, sink);
  return { ...conversion, events: checkTraceEvents(sink.text) };
}

test('any stream of transitions and calls becomes events that break no rule', async () => {
  await fc.assert(
    fc.asyncProperty(randomTraceWithCalls, async (source) => void (await convertedEvents(source))),
    { numRuns: 300 },
  );
});

test('count and time of the slices of each state are those of the spans', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { events } = await convertedEvents(source);
      const { spans } = await collectSpans(source);
      const figures = figuresByCategory(events);
      for (const [kind, name] of SPAN_KIND_NAMES.entries()) {
        const expected = figuresOf(spans.filter((span) => span.kind === kind));
        expect(figures[name] ?? { count: 0, ns: 0 }).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});

test('what an audit says is what is in the file', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => {
      const { events, audit } = await convertedEvents(source);
      const figures = figuresByCategory(events);
      expect(audit.slices).toBe(SPAN_KIND_NAMES.reduce((sum, name) => sum + (figures[name]?.count ?? 0), 0));
      expect(audit.ps.slices).toBe(figures['P']?.count ?? 0);
      expect(audit.systemStack.slices).toBe(figures['system stack']?.count ?? 0);
      expect(audit.counterPoints).toBe(events.filter(({ ph }) => ph === 'C').length);
    }),
    { numRuns: 200 },
  );
});

test('calls cut states, and lose no time', async () => {
  await fc.assert(
    fc.asyncProperty(randomTraceWithCalls, async (source) => {
      const { events, audit } = await convertedEvents(source);
      expect(figuresByCategory(events)['call']?.count ?? 0).toBe(audit.calls.slices);
      await expectAllTime(source, events);
    }),
    { numRuns: 150 },
  );
});

test('each of several files breaks no rule, and shows a stretch of time of its own', async () => {
  await fc.assert(
    fc.asyncProperty(randomTraceWithCalls, async (source) => {
      const { texts, audit } = await convertToParts(source, { splitBytes: 3000 });
      expect(audit.files).toBe(texts.length);
      const parts = texts.map(checkTraceEvents);
      let border = 0;
      for (const events of parts) {
        const slices = [...slicesByTrack(events).values()].flat();
        for (const { startNs } of slices) expect(startNs).toBeGreaterThanOrEqual(border);
        border = slices.reduce((latest, { endNs }) => Math.max(latest, endNs), border);
      }
      await expectAllTime(source, parts.flat());
      const arrows = parts.flat().filter(({ ph }) => ph === 's');
      expect(new Set(arrows.map(({ id }) => id)).size).toBe(audit.flows.arrows);
    }),
    { numRuns: 150 },
  );
});

/** The slices of each state last as long as its spans do. */
async function expectAllTime(source: TraceSource, events: readonly TraceEvent[]): Promise<void> {
  const { spans } = await collectSpans(source);
  const figures = figuresByCategory(events);
  for (const [kind, name] of SPAN_KIND_NAMES.entries()) {
    expect(figures[name]?.ns ?? 0).toBe(figuresOf(spans.filter((span) => span.kind === kind)).ns);
  }
}

function figuresOf(spans: readonly Span[]): { count: number; ns: number } {
  const long = spans.filter(({ startNs, endNs }) => endNs > startNs);
  return { count: long.length, ns: long.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0) };
}
