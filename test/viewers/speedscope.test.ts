/** `convert --to speedscope`, opened in the real speedscope: every profile is there, and not one warning. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { speedscopeFormat } from '../../src/convert/speedscope.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { detailedTrace } from '../support/detailed-trace.js';
import { convertToMemory } from '../support/gotrace.js';
import { LoopbackServer } from './loopback-server.js';
import { CHROMIUM, CHROMIUM_FLAGS, perfettoUiSkipReason } from './perfetto-ui.js';

const skipReason = perfettoUiSkipReason();
const release = join(dirname(createRequire(import.meta.url).resolve('speedscope/package.json')), 'dist/release');
const lost = new URL('../../fixtures/go1.26-lost.gotape.zip', import.meta.url).pathname;

let folder: string;
let browser: Browser;

describe.skipIf(skipReason !== undefined)('speedscope', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gotape-speedscope-'));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('opens a recording with losses without a warning, and every profile of it', async () => {
    using trace = await openTrace(lost);
    const { shown, warnings } = await open(trace);
    expect(warnings).toEqual([]);
    expect(shown[0]).toMatch(/all goroutines: block time \(1\/\d+\)/);
    expect(shown.some((text) => /G1 runtime\.main \(\d+\/\d+\)/.test(text))).toBe(true);
    const [, count] = /\(1\/(\d+)\)/.exec(shown[0]!)!;
    expect(new Set(shown.map((text) => /\((\d+)\/\d+\)/.exec(text)?.[1])).size).toBe(Number(count));
  });

  test('opens stacks and names that no honest program has', async () => {
    const { warnings } = await open(detailedTrace(500, 1));
    expect(warnings).toEqual([]);
  });
});

/** What the page says at each profile, and its warnings. */
async function open(source: TraceSource): Promise<{ shown: string[]; warnings: string[] }> {
  const { files } = await convertToMemory(speedscopeFormat, source);
  const path = join(folder, 'trace.speedscope.json.gz');
  writeFileSync(path, gzipSync(files.get('')!));
  const server = await LoopbackServer.start(release, path);
  const page = await browser.newPage();
  const warnings: string[] = [];
  page.on('console', (message) => {
    const isComplaint = ['warning', 'error'].includes(message.type());
    if (isComplaint && !message.text().includes('GL Driver')) warnings.push(message.text());
  });
  page.on('pageerror', (error) => warnings.push(error.message));
  try {
    await page.goto(`${server.origin}/#profileURL=${encodeURIComponent(`${server.origin}/trace`)}`);
    await page.waitForFunction("document.querySelectorAll('canvas').length > 1");
    return { shown: await profilesOf(page), warnings };
  } finally {
    await page.close();
    await server[Symbol.asyncDispose]();
  }
}

/** Goes through them with the keys `n`; the toolbar names the one that is shown. */
async function profilesOf(page: Page): Promise<string[]> {
  const shown: string[] = [];
  for (let steps = 0; steps < 100; steps++) {
    const text: string = await page.evaluate('document.body.innerText');
    if (text === shown.at(-1)) break;
    shown.push(text);
    await page.keyboard.press('n');
    await page.waitForTimeout(20);
  }
  return shown;
}
