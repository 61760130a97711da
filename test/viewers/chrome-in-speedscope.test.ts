/** What speedscope makes of `convert --to chrome`: every goroutine, and not one warning. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { checkTraceEvents, MemorySink, slicesByTrack } from '../convert/trace-event-rules.js';
import { convertToChrome } from '../support/convert-to-chrome.js';
import { detailedTrace } from '../support/detailed-trace.js';
import { shortGoroutines } from '../support/short-goroutines.js';
import { LoopbackServer } from './loopback-server.js';
import { CHROMIUM, CHROMIUM_FLAGS, perfettoUiSkipReason } from './perfetto-ui.js';

const skipReason = perfettoUiSkipReason();
const speedscope = join(dirname(createRequire(import.meta.url).resolve('speedscope/package.json')), 'dist/release');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-speedscope-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The text that it shows, and its warnings. */
async function openInSpeedscope(text: string): Promise<{ shown: string; warnings: string[] }> {
  const trace = join(folder, 'trace.json');
  writeFileSync(trace, text);
  const server = await LoopbackServer.start(speedscope, trace);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    const warnings: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'warning' && !message.text().includes('GL Driver')) warnings.push(message.text());
    });
    page.on('pageerror', (error) => warnings.push(error.message));
    await page.goto(`${server.origin}/#profileURL=${encodeURIComponent(`${server.origin}/trace`)}`);
    await page.waitForFunction("document.querySelectorAll('canvas').length > 1");
    return { shown: await page.evaluate('document.body.innerText'), warnings };
  } finally {
    await browser.close();
    await server[Symbol.asyncDispose]();
  }
}

async function converted(source: TraceSource): Promise<string> {
  const sink = new MemorySink();
  await convertToChrome(source, sink);
  return sink.text;
}

describe.skipIf(skipReason !== undefined)('speedscope', () => {
  test.each([
    ['tracks of their own, calls, code on the system stack', detailedTrace(6000, 3)],
    ['lanes', shortGoroutines(3000)],
  ])('opens it without a warning: %s', async (_title, source) => {
    const text = await converted(source);
    const { shown, warnings } = await openInSpeedscope(text);
    expect(warnings).toEqual([]);
    expect(shown).toContain(`(1/${slicesByTrack(checkTraceEvents(text)).size})`);
  });

  test('would warn of durations that are exact to the nanosecond, because it adds them as floats', async () => {
    const text = await converted(detailedTrace(6000, 3));
    const exact = text.replace(/"dur":([\d.]+)/g, (_, micros) => `"dur":${Number(micros).toFixed(3)}`);
    expect((await openInSpeedscope(exact)).warnings).not.toEqual([]);
  });
});
