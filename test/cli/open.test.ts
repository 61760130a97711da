/** `gotape open`: Perfetto's page, at its own address, fetches the trace from this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHROMIUM, CHROMIUM_FLAGS, perfettoUiSkipReason } from '../viewers/perfetto-ui.js';
import { perfettoUiFolder } from '../viewers/perfetto-ui-files.js';
import { expectRefusal, FIXTURE, Folder, gotape, type Running, startGotape } from './gotape.js';

const skipReason = perfettoUiSkipReason();
if (skipReason) console.warn(`the browser tests of gotape open are skipped: ${skipReason}`);

let folder: Folder;
let running: Running | undefined;
beforeEach(() => {
  folder = new Folder();
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.finished;
  running = undefined;
  folder[Symbol.dispose]();
});

/** The link that it prints. Its scratch folder lies in ours. */
async function open(...options: string[]): Promise<{ readonly link: string; readonly trace: string }> {
  running = startGotape(['open', FIXTURE, ...options], { env: { TMPDIR: folder.path } });
  const link = await running.said(/(http\S+)\n/);
  const trace = decodeURIComponent(link.split('url=')[1] ?? '');
  expect(trace).toMatch(/^http:\/\/127\.0\.0\.1:9001\/[0-9a-f]{32}\/[^/]+\.pftrace$/);
  return { link, trace };
}

async function withPage<T>(use: (page: Page) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  try {
    const context = await browser.newContext();
    // What a person is asked: may this page reach programs on this device?
    await context.grantPermissions(['local-network-access'], { origin: 'https://ui.perfetto.dev' });
    return await use(await context.newPage());
  } finally {
    await browser.close();
  }
}

/** There is no network here: the page of ui.perfetto.dev comes from its files. */
async function servePerfetto(page: Page): Promise<void> {
  const types: Readonly<Record<string, string>> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.wasm': 'application/wasm',
  };
  await page.route('https://ui.perfetto.dev/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    const path = join(perfettoUiFolder(), pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(path)) return route.fulfill({ status: 404 });
    return route.fulfill({ body: readFileSync(path), contentType: types[extname(path)] ?? 'application/octet-stream' });
  });
}

const loaded = (page: Page) =>
  page.waitForFunction('window.app?.trace?.engine !== undefined', undefined, { timeout: 60_000 });

test.skipIf(skipReason !== undefined)(
  "Perfetto's page fetches the trace across origins; then gotape ends",
  async () => {
    const { link } = await open();
    expect(link).toMatch(/^https:\/\/ui\.perfetto\.dev\/#!\//);
    await withPage(async (page) => {
      await servePerfetto(page);
      await page.goto(link);
      await loaded(page);
    });
    expect(await running!.finished).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('the viewer has the trace'),
    });
    expect(folder.names()).toEqual([]);
  },
);

test.skipIf(skipReason !== undefined)('--ui serves the viewer too, so that no network is needed', async () => {
  const { link } = await open('--ui', perfettoUiFolder());
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:9001\/#!\//);
  await withPage(async (page) => {
    await page.goto(link);
    await loaded(page);
  });
  running!.child.kill('SIGINT');
  expect(await running!.finished).toMatchObject({ status: 0 });
  expect(folder.names()).toEqual([]);
});

describe('what it serves', () => {
  test('nothing but the trace, to nobody but Perfetto', async () => {
    const { trace } = await open();
    const get = (path: string, headers = {}) => fetch(new URL(path, trace), { headers });
    expect((await get('/')).status).toBe(404);
    expect((await get('/status')).status).toBe(404);
    const head = await fetch(trace, { method: 'HEAD' });
    expect(head.headers.get('access-control-allow-origin')).toBe('https://ui.perfetto.dev');
    expect((await fetch(trace, { method: 'POST' })).status).toBe(405);
    await expect(fetch(trace.replace('127.0.0.1', '[::1]'))).rejects.toThrow();
    running!.child.kill('SIGINT');
    expect(await running!.finished).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('ended before a viewer'),
    });
    expect(folder.names()).toEqual([]);
  });

  test('no file outside of the folder of --ui', async () => {
    const { trace } = await open('--ui', perfettoUiFolder());
    for (const path of ['/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json', '/index.html%00', '/%']) {
      expect((await fetch(new URL(trace).origin + path)).status).toBe(404);
    }
    expect((await fetch(new URL(trace).origin)).status).toBe(200);
  });
});

test('a port that is taken, and a folder without a viewer, are one sentence', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(9001, '127.0.0.1', resolve));
  try {
    const run = await gotape(['open', FIXTURE], { env: { TMPDIR: folder.path } });
    expect(run).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('gotape: 127.0.0.1:9001: another program listens there'),
    });
    expect(folder.names()).toEqual([]);
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
  expectRefusal(await gotape(['open', FIXTURE, '--ui', folder.path]), 1, 'no index.html there');
});
