/** The real Perfetto UI with a trace loaded: SQL as its trace processor answers it, and what a person would see. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { LoopbackServer } from './loopback-server.js';
import { perfettoUiFolder } from './perfetto-ui-files.js';

export const CHROMIUM = '/usr/bin/chromium';
/** As root Chromium has no sandbox; the rest keeps it off the network. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const LOAD_TIMEOUT_MS = 120_000;

export type SqlValue = number | bigint | string | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Why the viewer tests cannot run here, or undefined when they can. CI may not skip them. */
export function perfettoUiSkipReason(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (existsSync(CHROMIUM) || env['CI'] === 'true') return undefined;
  return `no Chromium at ${CHROMIUM}`;
}

export interface OpenOptions {
  /** Regular expression over the names of groups, which are closed at first. */
  readonly expand?: string;
  readonly timeoutMs?: number;
}

export class PerfettoUi {
  readonly #server: LoopbackServer;
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(server: LoopbackServer, browser: Browser, page: Page) {
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
  }

  /** Opens the trace in the file `trace` and waits until the UI has imported it. `expand` opens groups by their name. */
  static async open(trace: string, { expand, timeoutMs = LOAD_TIMEOUT_MS }: OpenOptions = {}): Promise<PerfettoUi> {
    const server = await LoopbackServer.start(perfettoUiFolder(), trace);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const ui = new PerfettoUi(server, browser, page);
    try {
      await page.goto(`${server.origin}/#!/?url=${server.origin}/trace${startupCommands(expand)}`);
      await page.waitForFunction('window.app?.trace?.engine !== undefined', undefined, { timeout: timeoutMs });
    } catch (error) {
      await ui[Symbol.asyncDispose]();
      throw error;
    }
    return ui;
  }

  /** Rows of one query. Integers come as numbers where a number holds them exactly. */
  async query(sql: string): Promise<SqlRow[]> {
    // A string: a function would be compiled by the test runner, whose helpers the page does not have.
    return this.#page.evaluate(`(async () => {
      const result = await app.trace.engine.query(${JSON.stringify(sql)});
      const columns = result.columns();
      const exact = (v) => typeof v === 'bigint' && Number.isSafeInteger(Number(v)) ? Number(v) : v;
      const rows = [];
      for (const it = result.iter({}); it.valid(); it.next()) {
        rows.push(Object.fromEntries(columns.map((name) => [name, exact(it.get(name))])));
      }
      return rows;
    })()`);
  }

  /** What the import complained about or threw away; empty for a faultless trace. */
  importErrors(): Promise<SqlRow[]> {
    return this.query("select name, value from stats where severity in ('error', 'data_loss') and value != 0");
  }

  /** Saves what a person sees as PNG, after the tracks had time to be drawn. */
  async screenshot(path: string, settleMs = 2500): Promise<void> {
    await this.#page.waitForTimeout(settleMs);
    await this.#page.screenshot({ path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

function startupCommands(expand: string | undefined): string {
  if (expand === undefined) return '';
  const commands = [{ id: 'dev.perfetto.ExpandTracksByRegex', args: [expand] }];
  return `&startupCommands=${encodeURIComponent(JSON.stringify(commands))}`;
}
