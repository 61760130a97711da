import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPAN_KIND_NAMES, type Span } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToChrome } from '../support/convert-to-chrome.js';
import { randomTrace } from './random-trace.js';
import { checkTraceEvents, figuresByCategory, MemorySink } from './trace-event-rules.js';

async function convertedEvents(source: TraceSource) {
  const sink = new MemorySink();
  const conversion = await convertToChrome(source, sink);
  return { ...conversion, events: checkTraceEvents(sink.text) };
}

test('any stream of transitions becomes events that break no rule', async () => {
  await fc.assert(
    fc.asyncProperty(randomTrace, async (source) => void (await convertedEvents(source))),
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

function figuresOf(spans: readonly Span[]): { count: number; ns: number } {
  const long = spans.filter(({ startNs, endNs }) => endNs > startNs);
  return { count: long.length, ns: long.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0) };
}
