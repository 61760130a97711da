/** The HTML report as a reader meets it: opened from disk in a browser that may not speak to anybody. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAnalyze } from '../../src/cli/analyze.js';
import { textTrace } from '../support/text-trace.js';
import { writeTraceFile } from '../support/trace-file.js';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}.gotape.zip`, import.meta.url));
/** As the memory of a recorded program may hold it. */
const HOSTILE = '<script>document.title="taken"</script><img src=x onerror=alert(1)>&lt;b&gt;"\'`{{7*7}}\u202e';

class Nowhere extends Writable {
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

let folder: string;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-html-'));
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  readonly path: string;
  /** Errors and warnings of the page, requests that are not the file itself. */
  readonly complaints: string[];
}

async function open(file: string, viewport = { width: 1440, height: 900 }): Promise<Opened> {
  const path = join(folder, `report-${Math.random().toString(36).slice(2)}.html`);
  const context = { stdout: new Nowhere(), stderr: new Nowhere(), env: {} };
  await runAnalyze(context, { file, top: 50, json: false, html: path });
  const page = await browser.newPage({ viewport });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(path).href && !request.url().startsWith('data:'))
      complaints.push(request.url());
  });
  await page.goto(pathToFileURL(path).href);
  await page.waitForSelector('canvas');
  return { page, path, complaints };
}

async function hostileTrace(): Promise<string> {
  const path = join(folder, 'hostile.gotape.zip');
  const story = [
    'created 1 0 NAME',
    'created 2 1 NAME',
    '0 1 dead runnable',
    '10 1 runnable running p=0',
    '20 2 dead runnable waker=1',
    '5000 1 running waiting reason=NAME',
    '5010 2 runnable running p=0',
    '9000 1 waiting runnable waker=2',
    '9500 2 running dead',
    '9600 1 runnable running p=0',
    'end 20000',
  ];
  const source = textTrace(story.join('\n'));
  const renamed = {
    ...source,
    reasons: source.reasons.map((reason) => (reason === 'NAME' ? HOSTILE : reason)),
    async *segments() {
      for await (const segment of source.segments()) {
        const goroutines = segment.goroutines.map((info) => ({ ...info, startFunction: HOSTILE, createdBy: HOSTILE }));
        yield { ...segment, goroutines };
      }
    },
  };
  await writeTraceFile(path, renamed);
  return path;
}

describe('of a real trace', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(fixture('go1.26-tsc'));
  });

  test('is one file below 2 MB that asks for nothing and complains of nothing', () => {
    expect(statSync(opened.path).size).toBeLessThan(2e6);
    expect(opened.complaints).toEqual([]);
  });

  test('shows the figures of --json', async () => {
    const { page, path } = opened;
    const text = await page.textContent('#data');
    const { analysis } = JSON.parse(text ?? '') as { analysis: { totals: { executionNs: number } } };
    const stdout = new Text();
    await runAnalyze(
      { stdout, stderr: new Nowhere(), env: {} },
      { file: fixture('go1.26-tsc'), top: 50, json: true, section: ['all'] },
    );
    expect(analysis).toEqual(JSON.parse(stdout.text));
    expect(readFileSync(path, 'utf8')).not.toContain('</script><script>document');
    const shown = await page.textContent('.figure[data-state="execution"]');
    expect(shown).toBe(`${Math.round(analysis.totals.executionNs / 1e6)} ms`);
  });

  test('sorts its table by a click on a heading, and turns the order round by another', async () => {
    const { page } = opened;
    const goids = () =>
      page.$$eval('#goroutines tbody tr td:first-child', (cells) => cells.map((cell) => Number(cell.textContent)));
    await page.click('#goroutines th:first-child button');
    const falling = await goids();
    expect(falling.toSorted((a, b) => b - a)).toEqual(falling);
    expect(await page.getAttribute('#goroutines th:first-child', 'aria-sort')).toBe('descending');
    await page.click('#goroutines th:first-child button');
    expect((await goids())[0]).toBe(1);
  });

  test('filters its table, and says how many rows match', async () => {
    const { page } = opened;
    await page.fill('#goroutines input', 'gcBgMarkWorker');
    const names = await page.$$eval('#goroutines tbody tr td:nth-child(2)', (cells) =>
      cells.map((cell) => cell.textContent),
    );
    expect(new Set(names)).toEqual(new Set(['runtime.gcBgMarkWorker']));
    expect(await page.textContent('#goroutines [role=status]')).toBe(`${names.length} match`);
    await page.fill('#goroutines input', '');
  });

  test('is used by keyboard alone: headings, filters and links take the focus', async () => {
    const { page } = opened;
    await page.focus('#functions th:nth-child(2) button');
    await page.keyboard.press('Enter');
    expect(await page.getAttribute('#functions th:nth-child(2)', 'aria-sort')).toBe('descending');
  });

  test('has a dark and a light face', async () => {
    const { page } = opened;
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await ground();
    await page.click('#theme');
    expect(await ground()).not.toBe(before);
    await page.click('#theme');
    expect(await ground()).toBe(before);
  });

  test('names every chart for those who do not see it', async () => {
    const labels = await opened.page.$$eval('.chart', (charts) =>
      charts.map((chart) => chart.getAttribute('aria-label')),
    );
    expect(labels.length).toBeGreaterThan(4);
    expect(labels.every((label) => (label ?? '').length > 5)).toBe(true);
  });

  test('draws what it says: the charts are not empty', async () => {
    const inked = await opened.page.$$eval('canvas', (canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas;
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
        return pixels.some((value, i) => i % 4 === 3 && value > 0);
      }),
    );
    expect(inked.every(Boolean)).toBe(true);
  });
});

test('fits a telephone: nothing but tables scrolls sideways', async () => {
  const { page, complaints } = await open(fixture('tutorial/convoy'), { width: 390, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(complaints).toEqual([]);
});

test('names that are markup stay text, in tables and in charts', async () => {
  const { page, complaints } = await open(await hostileTrace());
  const cells = await page.$$eval('td', (all) => all.map((cell) => cell.textContent ?? ''));
  expect(cells.some((cell) => cell.includes('<script>document.title="taken"</script>'))).toBe(true);
  expect(await page.title()).toBe('gotape report');
  expect(await page.$$eval('img', (images) => images.length)).toBe(0);
  expect(cells.some((cell) => cell.includes('\u202e'))).toBe(false);
  // Tooltips are made of names too.
  for (const chart of await page.$$('.chart')) {
    const box = await chart.boundingBox();
    if (box !== null) await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  }
  expect(await page.$$eval('img', (images) => images.length)).toBe(0);
  expect(complaints).toEqual([]);
});
