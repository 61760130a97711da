/** DuckDB, pyarrow and polars find in the tables what gotape knows. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printable } from '../../src/base/text.js';
import { SPAN_KIND_NAMES } from '../../src/model/span.js';
import { type Collected, collectSpans } from '../support/collect-spans.js';
import { convertToFolder } from '../support/convert-to-folder.js';
import { DETAILS, detailedTrace, HOSTILE, START_REALTIME_NS } from '../support/detailed-trace.js';
import { preparePython, runPython } from '../support/python.js';
import { textTrace } from '../support/text-trace.js';

const source = detailedTrace();
let folder: string;
let known: Collected;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-tables-'));
  known = await collectSpans(source);
  for (const format of ['arrow', 'parquet', 'csv', 'ndjson'])
    await convertToFolder(source, format, join(folder, format));
  await convertToFolder(source, 'arrow', join(folder, 'stream'), { layout: 'stream' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What every reader must find. */
interface Figures {
  readonly rows: Record<string, number>;
  /** ns by state, of spans. */
  readonly spanNs: Record<string, number>;
  /** The same, of goroutines. */
  readonly goroutineNs: Record<string, number>;
  readonly timeSum: string;
  readonly latencyNs: number;
  readonly nullReasons: number;
  readonly callNs: number;
  readonly hostile: number;
}

/** @param stepNs what the reader's times are rounded down to */
function figures(stepNs = 1n): Figures {
  const { spans, goroutines, counts } = known;
  const spanNs = Object.fromEntries(SPAN_KIND_NAMES.map((name) => [name, 0]));
  let latencyNs = 0;
  let wakeups = 0;
  for (const { kind, startNs, endNs, waker, wakeSource } of spans) {
    spanNs[SPAN_KIND_NAMES[kind]!]! += endNs - startNs;
    if (SPAN_KIND_NAMES[kind] !== 'runnable' || (waker === 0 && wakeSource === 0)) continue;
    latencyNs += endNs - startNs;
    wakeups++;
  }
  const absolute = ({ startNs }: { readonly startNs: number }) => START_REALTIME_NS + BigInt(startNs);
  const timeSum = spans.reduce((sum, span) => sum + (absolute(span) / stepNs) * stepNs, 0n);
  return {
    rows: {
      calls: 3,
      goroutines: goroutines.size,
      sched: 3,
      spans: spans.length,
      stacks: 3,
      transitions: counts.transitions,
      wakeups,
    },
    spanNs,
    goroutineNs: spanNs,
    timeSum: String(timeSum),
    latencyNs,
    nullReasons: spans.filter(({ reason }) => reason === 0).length,
    callNs: 40_501,
    hostile: spans.filter(({ goroutine }) => goroutines.goidOf(goroutine) === 1).length,
  };
}

const sqlText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** @param hostile how the format spells {@link HOSTILE} */
async function duckFigures(read: (table: string) => string, hostile: string): Promise<Figures> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("set timezone = 'UTC'");
  const query = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects();
  const one = async (sql: string) => Number((await query(sql))[0]!['n']);
  const tables = ['calls', 'goroutines', 'sched', 'spans', 'stacks', 'transitions', 'wakeups'];
  const rows: Record<string, number> = {};
  for (const table of tables) rows[table] = await one(`select count(*) n from ${read(table)}`);
  const byState = await query(`select state, sum(duration_ns) n from ${read('spans')} group by state`);
  const zero = Object.fromEntries(SPAN_KIND_NAMES.map((name) => [name, 0]));
  const sums = SPAN_KIND_NAMES.map((name) => `sum(${name}_ns) as ${name}`).join(', ');
  const [goroutineNs = {}] = await query(`select ${sums} from ${read('goroutines')}`);
  const times = `select sum(epoch_ns(time::timestamp_ns)::hugeint)::varchar n from ${read('spans')}`;
  return {
    rows,
    spanNs: { ...zero, ...Object.fromEntries(byState.map(({ state, n }) => [String(state), Number(n)])) },
    goroutineNs: Object.fromEntries(Object.entries(goroutineNs).map(([name, ns]) => [name, Number(ns)])),
    timeSum: String((await query(times))[0]!['n']),
    latencyNs: await one(`select sum(latency_ns) n from ${read('wakeups')}`),
    nullReasons: await one(`select count(*) n from ${read('spans')} where reason is null`),
    callNs: await one(`select sum(duration_ns) n from ${read('calls')}`),
    hostile: await one(`select count(*) n from ${read('spans')} where start_function = ${sqlText(hostile)}`),
  };
}

const wellFormed = Buffer.from(HOSTILE).toString();

describe('DuckDB', () => {
  // Its timestamps with a time zone have microseconds; the columns *_ns are exact.
  test('reads the Parquet files', async () => {
    const read = (table: string) => `read_parquet('${folder}/parquet/${table}.parquet')`;
    expect(await duckFigures(read, wellFormed)).toEqual(figures(1000n));
  });

  test('reads the CSV files, where names hold no control character', async () => {
    const read = (table: string) =>
      `read_csv('${folder}/csv/${table}.csv', header = true, quote = '"', escape = '"'${table === 'spans' ? ", types = {'time': 'VARCHAR'}" : ''})`;
    expect(await duckFigures(read, Buffer.from(printable(HOSTILE)).toString())).toEqual(figures());
  });

  test('reads the newline-delimited JSON files', async () => {
    const read = (table: string) =>
      `(select * replace (time::varchar as time) from read_ndjson('${folder}/ndjson/${table}.ndjson', columns = ${ndjsonColumns(table)}))`;
    const plain = (table: string) => `read_ndjson('${folder}/ndjson/${table}.ndjson')`;
    const readEach = (table: string) => (table === 'spans' ? read(table) : plain(table));
    expect(await duckFigures(readEach, wellFormed)).toEqual(figures());
  });

  test('reads a partitioned folder with its keys as columns', async () => {
    const lake = join(folder, 'lake');
    const paths = await convertToFolder(source, 'parquet', lake, { partition: ['host', 'date'], baseName: 'app' });
    expect(paths).toContain(join(lake, 'spans/host=web%2F..%2F1/date=2026-11-23/app.parquet'));
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const result = await connection.runAndReadAll(
      `select host, date::varchar date, count(*)::int n from read_parquet('${lake}/spans/**/*.parquet', hive_partitioning = true) group by all`,
    );
    expect(result.getRowObjects()).toEqual([{ host: 'web/../1', date: '2026-11-23', n: known.spans.length }]);
  });
});

/** As text: as a timestamp DuckDB would take microseconds. */
function ndjsonColumns(table: string): string {
  const [line = '{}'] = readFileSync(join(folder, 'ndjson', `${table}.ndjson`), 'utf8').split('\n', 1);
  const types = Object.keys(JSON.parse(line) as object).map((name) => {
    const isNumber = /_ns$|^(?:pid|goid|tid|cpu|p|waker|stack)$/.test(name);
    return `'${name}': '${isNumber ? 'BIGINT' : 'VARCHAR'}'`;
  });
  return `{${types.join(', ')}}`;
}

const python = preparePython();

/** The same figures, by pyarrow or polars. */
const PYTHON_FIGURES = `
import sys, json
import pyarrow.ipc as ipc, pyarrow.parquet as pq, pyarrow.compute as pc, pyarrow as pa, polars as pl
tool, kind, folder, hostile = sys.argv[1:]
names = ["calls", "goroutines", "sched", "spans", "stacks", "transitions", "wakeups"]
kinds = ["running", "runnable", "waiting", "syscall", "unseen", "unknown", "preempted"]
def read(name):
    path = f"{folder}/{'stream' if kind == 'stream' else kind}/{name}.{'arrow' if kind == 'stream' else kind}"
    if tool == "polars":
        frame = pl.read_parquet(path) if kind == "parquet" else pl.read_ipc(path) if kind == "arrow" else pl.read_ipc_stream(path)
        return frame.to_arrow()
    if kind == "parquet": return pq.read_table(path)
    table = (ipc.open_file if kind == "arrow" else ipc.open_stream)(path).read_all()
    table.validate(full=True)
    return table
t = {name: read(name) for name in names}
spans = t["spans"]
assert spans.schema.field("time").type == pa.timestamp("ns", tz="UTC"), spans.schema
by_state = {k: 0 for k in kinds}
for row in spans.group_by("state").aggregate([("duration_ns", "sum")]).to_pylist(): by_state[row["state"]] = row["duration_ns_sum"]
total = lambda name, column: pc.sum(t[name][column]).as_py()
print(json.dumps(dict(
    rows={name: t[name].num_rows for name in names},
    spanNs=by_state, goroutineNs={k: total("goroutines", k + "_ns") for k in kinds},
    timeSum=str(sum(spans["time"].cast(pa.int64()).to_pylist())),
    latencyNs=total("wakeups", "latency_ns"), nullReasons=spans["reason"].null_count, callNs=total("calls", "duration_ns"),
    hostile=pc.sum(pc.equal(spans["start_function"].cast(pa.large_string()), hostile)).as_py())))
`;

describe.skipIf(python === undefined)('Python reads what gotape wrote', () => {
  test.each([
    ['pyarrow', 'arrow'],
    ['pyarrow', 'stream'],
    ['pyarrow', 'parquet'],
    ['polars', 'arrow'],
    ['polars', 'stream'],
    ['polars', 'parquet'],
  ])('%s: %s', (tool, kind) => {
    const printed = runPython(python!, PYTHON_FIGURES, [tool, kind, folder, wellFormed]);
    expect(JSON.parse(printed)).toEqual(figures());
  });
});

test('tables that a recording does not have are made only on request', async () => {
  const plain = textTrace('created 1 0 main.main\n0 1 dead runnable\n5 1 runnable running p=0\nend 50');
  const all = join(folder, 'plain');
  await convertToFolder(plain, 'parquet', all);
  expect(readdirSync(all).toSorted()).toEqual(
    ['goroutines', 'spans', 'transitions', 'wakeups'].map((name) => `${name}.parquet`),
  );
  const [path = ''] = await convertToFolder(plain, 'csv', join(folder, 'calls.csv.d'), {
    table: 'calls',
    partition: ['date'],
  });
  expect(readFileSync(path, 'utf8')).toBe('time,start_ns,duration_ns,pid,goid,tid,function,depth,outcome,arguments\n');
});

test('an unknown table or key of a partition is a usage error, and nothing is made', async () => {
  const nowhere = join(folder, 'nowhere');
  await expect(convertToFolder(source, 'csv', nowhere, { table: 'x' })).rejects.toMatchObject({
    exitCode: 2,
    message: '--table x: expected one of transitions, spans, goroutines, stacks, wakeups, calls, sched',
  });
  await expect(convertToFolder(source, 'csv', nowhere, { partition: ['toString'] })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('--partition toString: expected one or more of host,date,program'),
  });
  expect(existsSync(nowhere)).toBe(false);
});

test('text from a trace is one line of CSV and no control character', () => {
  const lines = readFileSync(join(folder, 'csv/calls.csv'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(1 + DETAILS.calls!.length);
  expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
  expect(lines[3]).toContain('"=cmd|"" /C calc""!A0,');
});
