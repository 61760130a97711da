/** pyarrow, polars and DuckDB find stacks, calls, OS schedules and labels as gotape finds them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { osStateName } from '../../src/model/os-schedule.js';
import { preparePython, runPython } from '../support/python.js';
import { allOf, detailedTrace } from '../support/trace-with-details.js';
import { START_NS, writeTrace } from './memory-file.js';

/** Rows of every table by name; columns by name. */
const ROWS_IN_PYTHON = `
import sys, json, zipfile, io, collections
import pyarrow as pa, pyarrow.ipc as ipc
tool, path = sys.argv[1:]
archive = zipfile.ZipFile(path)
tables = collections.defaultdict(list)
for name in archive.namelist():
    if not name.endswith(".arrow"): continue
    data = archive.read(name)
    t = ipc.open_file(data).read_all()
    base = int((t.schema.metadata or {}).get(b"base_ns", b"0"))
    if tool == "pyarrow":
        t.validate(full=True)
        assert ipc.open_stream(data[8:]).read_all().equals(t)
        assert all(c.null_count == 0 for c in t.columns) and not any(f.nullable for f in t.schema)
        rows = t.to_pylist()
    elif tool == "polars":
        import polars as pl
        rows = pl.read_ipc(io.BytesIO(data)).to_dicts()
    else:
        import duckdb
        cursor = duckdb.sql("select * from t")
        rows = [dict(zip(cursor.columns, row)) for row in cursor.fetchall()]
    time = base
    for row in rows:
        if "dt" in row:
            time += row["dt"]
            row["time"] = str(time)
        tables[name.split("/")[0]].append(row)
print(json.dumps(tables))`;

const python = preparePython();

describe.skipIf(python === undefined)('with Python', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gotape-interop-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['pyarrow', 'polars', 'duckdb'])('%s reads every table of details', async (tool) => {
    const path = join(folder, 'details.gotape.zip');
    writeFileSync(path, await writeTrace(detailedTrace()));
    const read = JSON.parse(runPython(python!, ROWS_IN_PYTHON, [tool, path])) as Record<string, object[]>;
    const own = await allOf(detailedTrace());
    expect(read['functions']).toEqual(own.frames.map(({ id, ...rest }) => ({ frame: id, ...rest })));
    expect(read['stacks']).toEqual(own.stacks.map(({ id, ...rest }) => ({ stack: id, ...rest })));
    expect(read['calls']).toEqual(
      own.calls.map(({ startNs, endNs, ...rest }) => ({ start_ns: startNs, end_ns: endNs, ...rest })),
    );
    expect(read['sched']).toMatchObject(
      own.os.map(({ timeNs, tid, cpu, state, syscall }) => ({
        time: String(START_NS + BigInt(timeNs)),
        tid,
        cpu,
        state: osStateName(state),
        syscall,
      })),
    );
    expect(read['gaps']).toMatchObject([{ why: 'ring full' }, { lost: 5, stream: 'calls' }]);
    expect(read['goroutines']).toMatchObject([
      { 'label.endpoint': '/login' },
      { 'label.endpoint': '/logout', 'label.user': 'Ünal "x"' },
    ]);
    const stacks = (read['transitions'] ?? []).map((row) => ('stack' in row ? row.stack : 0));
    expect(stacks).toEqual(own.rowStacks);
  });
});
