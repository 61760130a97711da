/** What the real Perfetto UI makes of `convert --to chrome`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConvertAudit } from '../../src/convert/audit.js';
import { SPAN_KIND_NAMES } from '../../src/model/span.js';
import type { GoroutineInfo } from '../../src/model/trace-facts.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { checkTraceEvents, figuresByCategory, MemorySink } from '../convert/trace-event-rules.js';
import { convertToChrome } from '../support/convert-to-chrome.js';
import { syntheticTrace } from '../support/synthetic-trace.js';
import { textTrace } from '../support/text-trace.js';
import { PerfettoUi, perfettoUiSkipReason } from './perfetto-ui.js';

const skipReason = perfettoUiSkipReason();
if (skipReason) console.warn(`the Perfetto UI tests are skipped: ${skipReason}`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-perfetto-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Opened {
  readonly ui: PerfettoUi;
  readonly audit: ConvertAudit;
  readonly text: string;
}

async function openConverted(source: TraceSource, name: string): Promise<Opened> {
  const sink = new MemorySink();
  const { audit } = await convertToChrome(source, sink);
  const { text } = sink;
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return { ui: await PerfettoUi.open(path), audit, text };
}

/** Slices and their time by category, as Perfetto's SQL sums them. */
async function importedFigures(ui: PerfettoUi): Promise<Record<string, { count: number; ns: number }>> {
  const rows = await ui.query('select category, count(*) n, sum(dur) ns from slice where dur > 0 group by category');
  return Object.fromEntries(
    rows.map(({ category, n, ns }) => [String(category), { count: Number(n), ns: Number(ns) }]),
  );
}

describe.skipIf(skipReason !== undefined).each([
  ['few goroutines, one group', 40, 'few.json'],
  ['many goroutines, grouped by start function', 500, 'many.json.gz'],
])('a trace of %s', (_title, goroutines, name) => {
  let opened: Opened;
  beforeAll(async () => {
    const source = syntheticTrace({ goroutines, segments: 3, rowsPerSegment: 10_000 });
    opened = await openConverted(withFunctions(source, goroutines), name);
  });
  afterAll(() => opened?.ui[Symbol.asyncDispose]());

  test('is imported without an error and without a loss', async () => {
    expect(await opened.ui.importErrors()).toEqual([]);
  });

  test('has as many slices, and as much time in each state, as gotape says', async () => {
    const imported = await importedFigures(opened.ui);
    expect(imported).toEqual(figuresByCategory(checkTraceEvents(opened.text)));
    for (const [kind, name] of SPAN_KIND_NAMES.entries()) {
      const { slices, sliceNs } = opened.audit.states[kind]!;
      expect(imported[name] ?? { count: 0, ns: 0 }).toEqual({ count: slices, ns: Number(sliceNs.value) });
    }
  });

  test('has counters of the goroutines by state', async () => {
    const counters = await opened.ui.query(
      'select t.name, max(c.value) most, count(*) n from counter c join counter_track t on t.id = c.track_id group by t.name',
    );
    expect(counters.map((counter) => counter['name'])).toContain('goroutines running');
    for (const { n, most } of counters) {
      expect(n).toBe(opened.audit.counterPoints);
      expect(Number(most)).toBeLessThanOrEqual(opened.audit.goroutines);
    }
  });

  test('has a thread for each goroutine, or lanes that they share, and one for each P', async () => {
    const threads = async (glob: string) =>
      (await opened.ui.query(`select count(*) n from thread where name glob '${glob}'`))[0]?.['n'];
    const { audit } = opened;
    expect(await threads('P[0-9]*')).toBe(4);
    expect(Number(await threads('G*')) + Number(await threads('lane'))).toBe(audit.tracks);
    if (goroutines > 100) expect(audit.tracks).toBeLessThan(audit.goroutines);
    const [lives] = await opened.ui.query("select count(*) n from slice where category = 'goroutine' and dur > 0");
    expect(lives?.['n']).toBe(audit.lives.slices);
  });

  test('has an arrow for each wake-up by a goroutine that is seen', async () => {
    const { arrows, unplaced, wakeUps } = opened.audit.flows;
    expect(await opened.ui.query('select count(*) n from flow')).toEqual([{ n: arrows }]);
    expect(unplaced).toBeLessThan(wakeUps / 10);
    const wrong = await opened.ui.query(
      "select f.id from flow f join slice woken on woken.id = f.slice_in where woken.category not in ('runnable', 'running')",
    );
    expect(wrong).toEqual([]);
  });

  test('names nothing "main thread" but what Perfetto makes up itself', async () => {
    const rows = await opened.ui.query('select t.name from thread t where t.is_main_thread = 1 and t.name is not null');
    expect(rows.filter(({ name }) => /^[GP]\d/.test(String(name)))).toEqual([]);
  });

  test('can be looked at', async () => {
    const folderOfPictures = process.env['GOTAPE_SCREENSHOTS'];
    await opened.ui.screenshot(join(folderOfPictures ?? folder, `${name}.png`));
  });
});

test.skipIf(skipReason !== undefined)('names that could break the page arrive as text', async () => {
  const hostile = '</script><img src=x onerror="document.title=1">\\\u0000\u001b[2J\ud800é日本';
  const source = describeGoroutines(
    textTrace('0 1 dead runnable\n5 1 runnable running p=0\n900 1 running dead\nend 900'),
    () => hostile,
    1,
  );
  const { ui } = await openConverted(source, 'hostile.json');
  try {
    expect(await ui.importErrors()).toEqual([]);
    const [row] = await ui.query("select name from slice where category = 'P'");
    expect(row?.['name']).toBe('</script><img src=x onerror="document.title=1">\\\ufffd\ufffd[2J\ufffdé日本');
  } finally {
    await ui[Symbol.asyncDispose]();
  }
});

function withFunctions(source: TraceSource, goroutines: number): TraceSource {
  return describeGoroutines(source, (goid) => `main.work${goid % 7}`, goroutines);
}

/** Gives the goroutines `1 … count` start functions, in the first segment. */
function describeGoroutines(source: TraceSource, startFunction: (goid: number) => string, count: number): TraceSource {
  const infos = (pid: number): GoroutineInfo[] =>
    Array.from({ length: count }, (_, i) => ({
      pid,
      goid: i + 1,
      firstSeenNs: 0,
      origin: 'created',
      parentGoid: 1,
      startFunction: startFunction(i + 1),
      createdBy: 'main.main main.go:7',
    }));
  return {
    facts: source.facts,
    endNs: source.endNs,
    get reasons() {
      return source.reasons;
    },
    async *segments() {
      for await (const segment of source.segments()) {
        yield segment.index === 0 ? { ...segment, goroutines: infos(segment.transitions.pid[0] ?? 0) } : segment;
      }
    },
  };
}
