/** pyarrow, polars and the reader in docs/format.md find in the fixtures what gotape finds. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { goStateName } from '../../src/model/go-state.js';
import { preparePython, runPython } from '../support/python.js';
import { type ReadBack, readTrace } from './memory-file.js';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const isWhole = (name: string) => name.endsWith('.gotape.zip') && !name.includes('cut-off');
const files = readdirSync(fixtures).filter(isWhole);
const format = readFileSync(new URL('../../docs/format.md', import.meta.url), 'utf8');

/** What all rows of a trace add up to: enough to find a row that was read differently. */
interface Sums {
  readonly rows: number;
  readonly timeNs: number;
  readonly goids: number;
  readonly goidSum: number;
  readonly wakerSum: number;
  readonly tidSum: number;
  readonly cpuSum: number;
  readonly pSum: number;
  readonly changes: Record<string, number>;
  readonly sources: Record<string, number>;
  readonly lost: number;
  readonly goroutines: number;
  readonly names: readonly string[];
}

/** The same sums by pyarrow (first argument `pyarrow`) or polars. */
const SUMS_IN_PYTHON = `
import sys, json, zipfile, collections, io
import pyarrow.ipc as ipc, polars as pl
tool, path = sys.argv[1:]
archive = zipfile.ZipFile(path)
assert archive.testzip() is None
def rows(table):
    for name in archive.namelist():
        if not name.startswith(table + "/"): continue
        data = archive.read(name)
        if tool == "pyarrow":
            t = ipc.open_file(data).read_all()
            t.validate(full=True)
            assert ipc.open_stream(data[8:]).read_all().equals(t)
            assert all(c.null_count == 0 for c in t.columns) and not any(f.nullable for f in t.schema)
            base = int((t.schema.metadata or {}).get(b"base_ns", b"0"))
            yield base, t.to_pylist()
        else:
            base = int(ipc.open_file(data).schema.metadata.get(b"base_ns", b"0")) if table == "transitions" else 0
            yield base, pl.read_ipc(io.BytesIO(data)).to_dicts()
s = collections.Counter(); changes = collections.Counter(); sources = collections.Counter(); goids = set(); first = None
for base, part in rows("transitions"):
    time = base
    for r in part:
        time += r["dt"]
        first = time if first is None else first
        s["rows"] += 1; s["timeNs"] += time - first
        s["goidSum"] += r["goid"]; s["wakerSum"] += r["waker"]; s["tidSum"] += r["tid"]; s["cpuSum"] += r["cpu"]; s["pSum"] += r["p"]
        goids.add(r["goid"]); changes[" ".join((r["from"], r["to"], r["reason"]))] += 1; sources[r["wake_source"]] += 1
lost = sum(r["lost"] for _, part in rows("gaps") for r in part)
people = [r for _, part in rows("goroutines") for r in part]
names = sorted("|".join((r["start_function"], r["created_by"], r["origin"], str(r["parent_goid"]))) for r in people)
print(json.dumps({**s, "goids": len(goids), "changes": changes, "sources": sources, "lost": lost, "goroutines": len(people), "names": names}))`;

const SOURCES = ['none', 'goroutine', 'scheduler', 'timer', 'netpoll', 'gc'];

function sumsOf({ rows, gaps, goroutines }: ReadBack): Sums {
  const sum = (list: readonly number[]) => list.reduce((total, each) => total + each, 0);
  const first = rows[0]!.timeNs;
  return {
    rows: rows.length,
    timeNs: sum(rows.map(({ timeNs }) => timeNs - first)),
    goids: new Set(rows.map(({ goid }) => goid)).size,
    goidSum: sum(rows.map(({ goid }) => goid)),
    wakerSum: sum(rows.map(({ waker }) => waker)),
    tidSum: sum(rows.map(({ tid }) => tid)),
    cpuSum: sum(rows.map(({ cpu }) => cpu)),
    pSum: sum(rows.map(({ p }) => p)),
    changes: count(rows.map(({ from, to, reason }) => `${goStateName(from)} ${goStateName(to)} ${reason}`)),
    sources: count(rows.map(({ wakeSource }) => SOURCES[wakeSource]!)),
    lost: sum(gaps.map(({ lost }) => lost)),
    goroutines: goroutines.length,
    names: goroutines
      .map((g) => [g.startFunction, g.createdBy, g.origin, String(g.parentGoid)].join('|'))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  };
}

function count(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

const python = preparePython();

describe.skipIf(python === undefined)('with Python', () => {
  beforeAll(() => expect(existsSync(python!)).toBe(true));

  describe.each(files)('%s', (file) => {
    test.each(['pyarrow', 'polars'])('%s reads the rows that gotape reads', async (tool) => {
      const read = await readTrace(readFileSync(fixtures + file));
      const sums: unknown = JSON.parse(runPython(python!, SUMS_IN_PYTHON, [tool, fixtures + file]));
      expect(sums).toEqual(sumsOf(read));
    });

    test('the reader in docs/format.md reads the rows that gotape reads', async () => {
      const reader = /```python\n([\s\S]*?)```/.exec(format)?.[1] ?? '';
      const { changes } = sumsOf(await readTrace(readFileSync(fixtures + file)));
      const lines = runPython(python!, reader, [fixtures + file])
        .replace(/\n$/, '')
        .split('\n');
      const found = lines
        .map((line) => line.split('\t'))
        .map(([n, from, to, why]) => [`${from} ${to} ${why}`, Number(n)]);
      expect(Object.fromEntries(found)).toEqual(changes);
    });
  });

  test('the reader in docs/format.md has about 20 lines', () => {
    const reader = /```python\n([\s\S]*?)```/.exec(format)?.[1] ?? '';
    const lines = reader.split('\n').filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(20);
  });
});
