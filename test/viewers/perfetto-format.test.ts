/** What the real Perfetto UI makes of `convert --to perfetto`: its tables hold gotape's own figures, exactly. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PerfettoAudit } from '../../src/convert/perfetto/audit.js';
import { StateCounts } from '../../src/convert/state-counts.js';
import { SPAN_KIND_NAMES, type Span, SpanKind } from '../../src/model/span.js';
import type { TraceSource } from '../../src/model/trace-segment.js';
import { NO_P } from '../../src/model/transition-batch.js';
import type { Figure } from '../convert/perfetto-rules.js';
import { randomTrace } from '../convert/random-trace.js';
import { collectSpans } from '../support/collect-spans.js';
import { convertToPerfetto } from '../support/convert-to-perfetto.js';
import { serverTrace } from '../support/server-trace.js';
import { countersByName, runsByCpu, SQL_STATE, slicesByCategory, statesByName } from './perfetto-figures.js';
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
  readonly audit: PerfettoAudit;
  readonly spans: readonly Span[];
  readonly endNs: number;
}

async function openConverted(source: TraceSource, name: string, layout: string): Promise<Opened> {
  const { bytes, audit } = await convertToPerfetto(source, { layout });
  const { spans } = await collectSpans(source);
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return { ui: await PerfettoUi.open(path), audit, spans, endNs: source.endNs };
}

const LOSS = { fromNs: 5_000_000, toNs: 6_500_000, lost: 1234, why: 'ring full' };
const server = () => serverTrace({ requests: 2000, gaps: [LOSS] });

function figureOf(spans: readonly Span[], keep: (span: Span) => boolean): Figure {
  const some = spans.filter(keep);
  return { count: some.length, ns: some.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0) };
}

const ofKind = (spans: readonly Span[], kind: SpanKind) => figureOf(spans, (span) => span.kind === kind);

/** The counters of `convert`, made from spans in another order and another way than the converter's. */
function expectedCounters({ spans, endNs }: Opened): Record<string, [number, number][]> {
  const counts = new StateCounts();
  for (const { kind, startNs, endNs } of spans) counts.add(kind, startNs, endNs);
  const counters: Record<string, [number, number][]> = {};
  counts.forEachChange(0, endNs, (timeNs, now) => {
    for (const [kind, name] of SPAN_KIND_NAMES.entries()) {
      counters[`goroutines ${name}`] ??= [];
      const values = counters[`goroutines ${name}`]!;
      if (values.at(-1)?.[1] !== now[kind]) values.push([timeNs, now[kind]!]);
    }
  });
  return counters;
}

/** The SQL blocks of docs/perfetto.md below a heading. */
function documentedQueries(heading: string): string[] {
  const text = readFileSync(fileURLToPath(new URL('../../docs/perfetto.md', import.meta.url)), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!);
}

describe.skipIf(skipReason !== undefined)('native, 2,000 goroutines', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openConverted(server(), 'native.pftrace.gz', 'native');
  });
  afterAll(() => opened?.ui[Symbol.asyncDispose]());

  test('is imported without an error and without a loss', async () => {
    expect(await opened.ui.importErrors()).toEqual([]);
  });

  test('time per state of threads is that of the goroutines', async () => {
    const states = await statesByName(opened.ui);
    for (const [kind, state] of Object.entries(SQL_STATE)) {
      const expected = ofKind(opened.spans, SpanKind[kind as keyof typeof SQL_STATE]);
      expect([kind, states[state] ?? { count: 0, ns: 0 }]).toEqual([kind, expected]);
    }
  });

  test('each CPU is as busy as its P was', async () => {
    const { spans } = opened;
    const ps = new Set(spans.filter(({ kind, p }) => kind === SpanKind.running && p !== NO_P).map(({ p }) => p));
    const expected = [...ps].map((p) => [
      String(p),
      figureOf(spans, (span) => span.kind === SpanKind.running && span.p === p),
    ]);
    expect(await runsByCpu(opened.ui)).toEqual(Object.fromEntries(expected));
  });

  test('what a state cannot say is in slices: as many, and as long', async () => {
    const slices = await slicesByCategory(opened.ui);
    for (const kind of ['waiting', 'syscall', 'unknown'] as const) {
      expect([kind, slices[kind]]).toEqual([kind, ofKind(opened.spans, SpanKind[kind])]);
    }
    expect(slices['goroutine']).toEqual({ count: 2015, ns: Number(opened.audit.lives.ns.value) });
    expect(slices['lost']).toEqual({ count: 1, ns: 1_500_000 });
  });

  test('counters have the values that the spans give', async () => {
    const counters = await countersByName(opened.ui);
    const expected = expectedCounters(opened);
    expect(Object.keys(counters)).toContain('goroutines runnable');
    for (const [name, values] of Object.entries(counters)) {
      if (name.startsWith('goroutines')) expect([name, values]).toEqual([name, expected[name]]);
    }
    expect(counters['events lost so far']).toEqual([[LOSS.toNs, LOSS.lost]]);
  });

  test('wait slices say who woke the goroutine, and where it waited', async () => {
    const [row] = await opened.ui.query(`
      select count(*) n, sum(extract_arg(slice.arg_set_id, 'debug.woken by') glob 'G* main.(*Pool).work') workers,
        sum(extract_arg(slice.arg_set_id, 'debug.stack') glob 'runtime.gopark*main.(*Pool).ask*') stacks
      from slice join thread_track t on t.id = track_id join thread using (utid) join process p using (upid)
      where category = 'waiting' and slice.name = 'chan receive' and p.name glob 'net/http.(*conn)*'`);
    expect(row?.['n']).toBeGreaterThan(1900);
    expect(row?.['workers']).toBe(row?.['n']);
    expect(row?.['stacks']).toBe(row?.['n']);
  });

  test('start functions are processes, with colours of their own', async () => {
    const rows = await opened.ui.query('select name, pid from process where pid != 0 order by pid');
    expect(rows.map(({ name }) => String(name).replaceAll('\u00a0', ' ')).toSorted()).toEqual([
      'main.(*Cache).refresh ×1',
      'main.(*Pool).work ×8',
      'main.main ×1',
      'net/http.(*Server).Serve ×1',
      'net/http.(*conn).serve ×2000',
      'runtime.gcBgMarkWorker ×4',
    ]);
  });

  test('every documented query has rows', async () => {
    const queries = documentedQueries('Queries for the native layout');
    expect(queries.length).toBeGreaterThan(3);
    for (const sql of queries) expect([sql, (await opened.ui.query(sql)).length > 0]).toEqual([sql, true]);
  });
});

describe.skipIf(skipReason !== undefined)('tree, a small trace', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openConverted(serverTrace({ requests: 60, gaps: [LOSS] }), 'tree.pftrace', 'tree');
  });
  afterAll(() => opened?.ui[Symbol.asyncDispose]());

  test('is imported without an error and without a loss', async () => {
    expect(await opened.ui.importErrors()).toEqual([]);
  });

  test('has as many slices, and as much time in each state, as the goroutines', async () => {
    const slices = await slicesByCategory(opened.ui);
    for (const kind of ['running', 'runnable', 'waiting', 'syscall', 'unknown'] as const) {
      expect([kind, slices[kind]]).toEqual([kind, ofKind(opened.spans, SpanKind[kind])]);
    }
    expect(slices['P']).toEqual(ofKind(opened.spans, SpanKind.running));
  });

  test('has an arrow for every wake-up by a goroutine', async () => {
    const woken = opened.spans.filter(({ kind, waker }) => kind === SpanKind.runnable && waker !== 0);
    const arrows = await opened.ui.query(
      'select o.name from_name, i.ts ts from flow join slice o on o.id = slice_out join slice i on i.id = slice_in',
    );
    expect(arrows.map(({ ts }) => Number(ts)).toSorted((a, b) => a - b)).toEqual(
      woken.map(({ startNs }) => startNs).toSorted((a, b) => a - b),
    );
    expect(new Set(arrows.map((arrow) => arrow['from_name']))).toEqual(new Set(['running']));
  });

  test('has one root, and below it Ps and start functions', async () => {
    const roots = await opened.ui.query('select count(*) n from track where parent_id is null');
    expect(roots).toEqual([{ n: 1 }]);
    const ps = await opened.ui.query("select name from track where name glob 'P[0-9]*' order by name");
    expect(ps.map(({ name }) => name)).toEqual(['P0', 'P1', 'P2', 'P3']);
  });

  test('every documented query has rows', async () => {
    const queries = documentedQueries('Queries for the tree layout');
    expect(queries.length).toBeGreaterThan(0);
    for (const sql of queries) expect([sql, (await opened.ui.query(sql)).length > 0]).toEqual([sql, true]);
  });
});

test.skipIf(skipReason !== undefined)(
  'a trace that no program would make is imported, and its time is the same',
  async () => {
    const source = longest(fc.sample(randomTrace, { numRuns: 40, seed: 11 }));
    const { ui, spans } = await openConverted(source, 'random.pftrace', 'native');
    try {
      expect(await ui.importErrors()).toEqual([]);
      const [slices, states] = [await slicesByCategory(ui), await statesByName(ui)];
      for (const kind of ['waiting', 'syscall', 'unseen', 'unknown', 'preempted'] as const) {
        expect([kind, slices[kind] ?? { count: 0, ns: 0 }]).toEqual([kind, ofKind(spans, SpanKind[kind])]);
      }
      for (const kind of ['running', 'runnable', 'waiting', 'syscall'] as const) {
        expect([kind, states[SQL_STATE[kind]]?.ns ?? 0]).toEqual([kind, ofKind(spans, SpanKind[kind]).ns]);
      }
    } finally {
      await ui[Symbol.asyncDispose]();
    }
  },
);

function longest(sources: readonly TraceSource[]): TraceSource {
  return sources.reduce((a, b) => (a.endNs > b.endNs ? a : b));
}
