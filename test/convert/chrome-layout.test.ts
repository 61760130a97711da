import { expect, test } from 'vitest';
import { convertToChrome, convertToParts } from '../support/convert-to-chrome.js';
import { detailedTrace } from '../support/detailed-trace.js';
import { shortGoroutines } from '../support/short-goroutines.js';
import { textTrace } from '../support/text-trace.js';
import { checkTraceEvents, slicesByTrack, trackNames } from './trace-event-rules.js';

test('goroutines of a function share lanes: nothing overlaps, nothing is left out, each is named', async () => {
  const { texts, audit } = await convertToParts(shortGoroutines(5000), {});
  const events = checkTraceEvents(texts[0]!);
  expect(audit).toMatchObject({ goroutines: 5000, lives: { lives: 5000, slices: 5000 }, zeroLength: 0 });
  // Sixteen and a bit live at once, of five functions.
  expect(audit.tracks).toBeLessThanOrEqual(5 * 5);
  const lives = events.filter(({ ph, cat }) => ph === 'X' && cat === 'goroutine');
  expect(new Set(lives.map(({ args }) => args?.['goid'])).size).toBe(5000);
  expect([...trackNames(events).values()]).toContain('main.handler3 ×1000');
});

test('fifty thousand short goroutines take a thousand tracks or less', async () => {
  const { audit } = await convertToChrome(shortGoroutines(50_000, 40), { write: async () => {} });
  expect(audit.lives.slices).toBe(50_000);
  expect(audit.slices + audit.lives.slices).toBe(50_000 * 6);
  expect(audit.tracks).toBeLessThanOrEqual(1000);
});

test('functions with few goroutines show each on a track of its own, beside the lanes of others', async () => {
  const few = Array.from({ length: 3 }, (_, i) => `created ${i + 1} 0 main.accept\n${i} ${i + 1} dead runnable`);
  const many = Array.from({ length: 200 }, (_, i) => `created ${i + 9} 0 main.serve\n${i + 5} ${i + 9} dead runnable`);
  const { texts } = await convertToParts(textTrace([...few, ...many, 'end 900'].join('\n')), {});
  const names = trackNames(checkTraceEvents(texts[0]!));
  const processes = [...names].filter(([id]) => !id.includes('/'));
  expect(processes.map(([, name]) => name)).toEqual(['Ps of pid 1', 'main.accept ×3', 'main.serve ×200']);
  const accept = processes[1]?.[0];
  expect([...names].filter(([id]) => id.startsWith(`${accept}/`))).toEqual(
    [1, 2, 3].map((goid) => [`${accept}/${goid}`, 'G']),
  );
});

test('what is not chosen is left out, and the audit says so', async () => {
  const source = detailedTrace(3000, 1);
  const phases = async (...tracks: ('goroutines' | 'threads' | 'counters' | 'flows')[]) => {
    const { texts, audit } = await convertToParts(source, { tracks: new Set(tracks) });
    const events = checkTraceEvents(texts[0]!);
    const categories = new Set(events.filter(({ ph }) => ph !== 'M').map(({ cat }) => cat));
    return { categories, audit };
  };
  const counters = await phases('counters');
  expect([...counters.categories].toSorted()).toEqual(['P', 'counter']);
  expect(counters.audit.slices).toBe(0);
  expect(counters.audit.spans).toBeGreaterThan(0);
  expect((await phases('goroutines')).categories).not.toContain('wake');
  expect((await phases('goroutines', 'flows')).categories).toContain('wake');
  expect([...(await phases('threads')).categories].toSorted()).toEqual(['OS thread', 'P']);
});

test('calls stand around the states of their goroutine, and what the threads did has a process of its own', async () => {
  const { texts, audit } = await convertToParts(detailedTrace(3000, 1), {});
  const events = checkTraceEvents(texts[0]!);
  const named = (name: string) => events.find((event) => event.name === name);
  expect(named('main.inner()')).toMatchObject({ ts: 1001, dur: 0.99997, args: { arguments: 'n=3 name="x"' } });
  expect(named('main.inner()')?.tid).toBe(named('main.outer()')?.tid);
  expect(audit.calls).toEqual({ calls: 3, slices: 3, zeroLength: 0, ofUnknown: 0, overlapping: 0 });
  const threads = events.filter(({ cat }) => cat === 'OS thread');
  expect(threads.map(({ name, ts, args }) => [name, ts, args])).toEqual([
    ['onCpu', 0.1, { cpu: 0 }],
    ['sleeping', 5, { cpu: 0, syscall: 202 }],
    ['onCpu', 0.2, { cpu: 1 }],
  ]);
});

test('files that follow each other each name their tracks and show who waits', async () => {
  const { texts, audit } = await convertToParts(shortGoroutines(12_000, 5, 500), { splitBytes: 5_000_000 });
  expect(audit.files).toBeGreaterThan(2);
  let border = 0;
  for (const text of texts) {
    expect(text.length).toBeLessThan(5_000_000);
    const events = checkTraceEvents(text);
    const slices = [...slicesByTrack(events).values()].flat();
    const first = slices.reduce((earliest, { startNs }) => Math.min(earliest, startNs), Number.POSITIVE_INFINITY);
    const atOnce = slices.filter(({ startNs, event }) => startNs === first && event.cat === 'waiting');
    if (border > 0) expect(atOnce.length).toBeGreaterThanOrEqual(7);
    expect(first).toBe(border);
    border = slices.reduce((latest, { endNs }) => Math.max(latest, endNs), 0);
    expect(trackNames(events).size).toBeGreaterThan(20);
  }
});
