/** `convert --to gotrace`, opened by `go tool trace`: its dumps, its profiles, and its page of goroutines in a browser. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gotraceFormat } from '../../src/convert/gotrace/gotrace-format.js';
import { openTrace } from '../../src/trace/open-trace.js';
import { runGo } from '../support/go-build.js';
import { convertToMemory } from '../support/gotrace.js';
import { LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS, traceWithStacks } from '../support/with-stacks.js';
import { CHROMIUM, CHROMIUM_FLAGS, perfettoUiSkipReason } from './perfetto-ui.js';

const skipReason = perfettoUiSkipReason();
const known = new URL('../../fixtures/go1.27-known.gotape.zip', import.meta.url).pathname;

let folder: string;
let file: string;
let tool: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-gotrace-'));
  file = join(folder, 'known.trace');
  using trace = await openTrace(known);
  writeFileSync(file, (await convertToMemory(gotraceFormat, trace)).files.get('')!);
  tool = runGo(['tool', '-n', 'trace']).trim();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function goToolTrace(...args: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(tool, args, { maxBuffer: 1 << 28 });
  expect(stderr.toString()).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** `go tool pprof -top` of one of the profiles that `go tool trace` makes. */
function profile(kind: string, trace = file): string {
  const path = join(folder, `${kind}.pb.gz`);
  writeFileSync(path, goToolTrace(`-pprof=${kind}`, trace));
  return runGo(['tool', 'pprof', '-top', '-cum', path]);
}

test('go tool trace dumps every event, to the end', () => {
  const text = goToolTrace('-d=parsed', file).toString();
  expect(text.trimEnd().split('\n').at(-1)).toMatch(/ Sync /);
  expect(text).toContain('Running->Waiting Reason="chan receive"');
  expect(text).toContain('main.netReader @');
});

test('go tool trace makes each of its profiles, by start function where no stack was recorded', () => {
  expect(profile('net')).toContain('main.netReader');
  expect(profile('sync')).toContain('main.chanReceiver');
  expect(profile('syscall')).toContain('main.fileReader');
  expect(profile('sched')).toContain('runtime.main');
});

test('go tool trace shows the stacks that were recorded', async () => {
  const source = traceWithStacks(LOCK_AND_CHANNEL, LOCK_AND_CHANNEL_STACKS);
  const path = join(folder, 'stacks.trace');
  writeFileSync(path, (await convertToMemory(gotraceFormat, source)).files.get('')!);
  const sync = profile('sync', path);
  for (const name of ['sync.(*Mutex).Lock', 'main.save', 'main.worker']) expect(sync).toContain(name);
  expect(profile('syscall', path)).toContain('os.(*File).Write');
});

describe.skipIf(skipReason !== undefined)('the pages of go tool trace', () => {
  let server: ChildProcess;
  let origin: string;
  let browser: Browser;
  beforeAll(async () => {
    server = spawn(tool, ['-http=127.0.0.1:0', file], { env: { ...process.env, BROWSER: '/bin/true' } });
    origin = await originOf(server);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    server?.kill();
  });

  async function textOf(path: string): Promise<string> {
    const page = await browser.newPage();
    try {
      await page.goto(`${origin}${path}`);
      if (process.env['GOTAPE_SCREENSHOTS']) {
        const name = `go-tool-trace${path.replaceAll(/\W+/g, '-')}.png`;
        await page.screenshot({ path: join(process.env['GOTAPE_SCREENSHOTS'], name) });
      }
      return await page.evaluate('document.body.innerText');
    } finally {
      await page.close();
    }
  }

  test('name the start functions of all goroutines', async () => {
    const text = await textOf('/goroutines');
    for (const name of ['runtime.main', 'main.netReader', 'main.chanReceiver', 'main.shortLivedGoroutine']) {
      expect(text).toContain(name);
    }
    expect(text).not.toContain('(Inactive');
  });

  test('tell execution, block, sched wait and syscall time of goroutines with one start function', async () => {
    const text = await textOf('/goroutine?name=main.fileReader');
    expect(text).toContain('Execution time');
    expect(text).toContain('Block time (chan receive)');
    expect(text).toContain('Syscall execution time');
  });
});

/** Where it listens, as it says on stderr. */
async function originOf(process: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of process.stderr!) {
    said += String(chunk);
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
    if (origin) return origin[0];
  }
  throw new Error(`go tool trace: ended: ${said}`);
}
