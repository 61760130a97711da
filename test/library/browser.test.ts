/** The library in a real browser, bundled as a web page would: the same rows as in Node.js, from a Blob. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrace, StackTable, type TraceFile, transitionsOf } from '../../src/index.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const missing = existsSync(executablePath) ? undefined : `there is no ${executablePath}`;
const FIXTURES = ['go1.26-iter-pull', 'go1.26-details', 'go1.26-lost', 'go1.27-cut-off', 'versions/from-the-future'];

const PAGE = `import { openTrace, StackTable, transitionsOf, spansOf } from './dist/index.js';
globalThis.summarize = async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const trace = await openTrace(new Blob([bytes]));
  const rows = [];
  for await (const row of transitionsOf(trace)) rows.push(JSON.stringify(row));
  let spans = 0;
  for await (const _ of spansOf(trace)) spans++;
  const details = await detailsOf(trace, new StackTable());
  return { rows, spans, details, damage: trace.damage, producer: trace.facts.producer };
};
const detailsOf = ${detailsOf};`;

type Summarize = (
  base64: string,
) => Promise<{ rows: string[]; spans: number; details: string[]; damage: string[]; producer: string }>;

/** Stacks of rows, calls, changes of threads, labels, as text. Runs in the page too. */
async function detailsOf(trace: TraceFile, stacks: StackTable): Promise<string[]> {
  const details: string[] = [];
  for await (const segment of trace.segments()) {
    stacks.add(segment);
    for (let row = 0; row < segment.transitions.length; row++)
      details.push(JSON.stringify(stacks.framesOf(segment.transitions.stack[row]!)));
    const { calls = [], osSchedule: os, goroutines } = segment;
    details.push(JSON.stringify([calls, os && [...os.timeNs, ...os.syscall], goroutines.map(({ labels }) => labels)]));
  }
  return details;
}

describe.skipIf(missing !== undefined)(`in Chromium${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const bundle = await build({
      stdin: { contents: PAGE, resolveDir: project, loader: 'js' },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      target: 'es2022',
      write: false,
      logLevel: 'error',
    });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.addScriptTag({ content: bundle.outputFiles[0]!.text });
  });
  afterAll(() => browser?.close());

  const inBrowser = (bytes: Uint8Array) =>
    page.evaluate(
      (base64) => (globalThis as unknown as { summarize: Summarize }).summarize(base64),
      Buffer.from(bytes).toString('base64'),
    );

  test.each(FIXTURES)('%s gives the same rows as in Node.js', async (name) => {
    const bytes = readFileSync(join(project, 'fixtures', `${name}.gotape.zip`));
    const seen = await inBrowser(bytes);
    const trace = await openTrace(bytes);
    const rows: string[] = [];
    for await (const row of transitionsOf(trace)) rows.push(JSON.stringify(row));
    expect(seen.rows).toEqual(rows);
    expect(seen.spans).toBeGreaterThan(0);
    expect(seen.damage).toEqual(trace.damage);
    expect(seen.details).toEqual(await detailsOf(trace, new StackTable()));
  });

  test('what is no trace is refused with a sentence', async () => {
    await expect(inBrowser(Buffer.from('hello'))).rejects.toThrow('is not a gotape trace');
  });
});
