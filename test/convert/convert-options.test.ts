/** `gotape convert`: what can be said, and where files appear. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAndRun } from '../../src/cli/commands.js';
import { ConvertProgress } from '../../src/cli/convert-progress.js';
import { FORMATS } from '../../src/convert/formats.js';
import { shortGoroutines } from '../support/short-goroutines.js';
import { textTrace } from '../support/text-trace.js';
import { writeTraceFile } from '../support/trace-file.js';
import { checkTraceEvents } from './trace-event-rules.js';

const SMALL =
  'created 1 0 main.main\n0 1 dead runnable\n5 1 runnable running p=0\n9 1 running waiting reason=select\nend 50';

let folder: string;
let trace: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gotape-convert-'));
  trace = join(folder, 'app.gotape.zip');
  await writeTraceFile(trace, textTrace(SMALL));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

class Text extends Writable {
  readonly isTTY: boolean;
  text = '';
  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function run(...args: string[]) {
  const [stdout, stderr] = [new Text(), new Text()];
  const { exitCode } = await parseAndRun({ stdout, stderr, env: {} }, args);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

test('--list says a line for each format: its name, what it is and what opens it', async () => {
  const { stdout } = await run('convert', '--list');
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(FORMATS.length);
  for (const [i, { name, opens }] of FORMATS.entries()) {
    expect(lines[i]).toMatch(new RegExp(`^${name} +\\S`));
    expect(lines[i]).toContain(`; opens in ${opens}`);
  }
});

test.each([
  [['--to', 'csv', '--tracks', 'goroutines'], '--tracks: csv has no tracks to choose'],
  [['--tracks', 'goroutines,flow'], '--tracks flow: expected one or more of goroutines,threads,counters,flows'],
  [['--tracks', ''], '--tracks : expected names with commas between'],
  [['--layout', 'tree'], '--layout tree: expected program or function'],
  [['--to', 'csv', '--layout', 'tree'], '--layout tree: csv has only one layout'],
  [['--to', 'csv', '--split', '200MB'], '--split: csv has no such option; chrome has'],
  [['--split', '1MB'], '--split 1MB: expected at least 50MB'],
  [['--split', 'much'], '--split: "much" is not a size'],
  [['--function', 'main.nobody*'], '--function main.nobody*: no goroutine of the trace has such a start function'],
  [['--table', 'spans'], '--table: chrome has no such option; arrow, parquet, csv, ndjson have'],
  [['--to', 'csv', '--table', 'span'], '--table span: expected one of transitions, spans'],
  [['--to', 'csv', '-o', '-'], '-o -: csv makes several files; choose one with --table'],
])('%j is a usage error', async (args, message) => {
  await expect(run('convert', trace, ...args)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message),
  });
  expect(readdirSync(folder)).toEqual(['app.gotape.zip']);
});

test('without --to the name of the output tells the format', async () => {
  const names = ['a.json', 'b.json.gz', 'c.pftrace', 'd.speedscope.json', 'e.ndjson'];
  for (const name of names) {
    const table = name === 'e.ndjson' ? ['--table', 'spans'] : [];
    await run('convert', trace, '-o', join(folder, name), ...table);
  }
  checkTraceEvents(readFileSync(join(folder, 'a.json'), 'utf8'));
  expect(readFileSync(join(folder, 'd.speedscope.json'), 'utf8')).toContain('speedscope.app');
  expect(readFileSync(join(folder, 'e.ndjson'), 'utf8')).toContain('"state":"runnable"');
  expect(readdirSync(folder).toSorted()).toEqual([...names, 'app.gotape.zip'].toSorted());
});

test('tables are named after the trace: a folder of all, or a file of one', async () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    await run('convert', 'app.gotape.zip', '--to', 'csv');
    await run('convert', 'app.gotape.zip', '--to', 'csv', '--table', 'spans');
    expect(readFileSync('app.spans.csv', 'utf8')).toBe(readFileSync('app-csv/spans.csv', 'utf8'));
    expect(readdirSync('app-csv').toSorted()).toEqual([
      'goroutines.csv',
      'spans.csv',
      'transitions.csv',
      'wakeups.csv',
    ]);
    await expect(run('convert', 'app.gotape.zip', '--to', 'csv')).rejects.toThrow('exists already');
  } finally {
    process.chdir(before);
  }
});

test('--split writes numbered files, each a trace of its own', async () => {
  await writeTraceFile(trace, shortGoroutines(40_000, 5, 8000));
  const { stderr } = await run('convert', trace, '-o', join(folder, 'x.json'), '--split', '50MB');
  const names = readdirSync(folder).filter((name) => name.startsWith('x.'));
  expect(names.toSorted()).toEqual(['x.1.json', 'x.2.json']);
  expect(stderr).toContain('2 files');
  for (const name of names) expect(() => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown).not.toThrow();
});

test('the audit of every format is told', async () => {
  for (const { name, extension } of FORMATS) {
    const { stderr } = await run('convert', trace, '--to', name, '-o', join(folder, `out${extension}`));
    expect(stderr).toContain('2 transitions ended a span, 1 are the first of a goroutine, 0 lie within a span');
  }
});

test('progress is a line on a terminal, and nothing elsewhere', async () => {
  const source = textTrace(SMALL);
  for (const isTTY of [true, false]) {
    const stderr = new Text(isTTY);
    const progress = new ConvertProgress({ stdout: new Text(), stderr, env: {} }, () => 2048);
    for await (const segment of source.segments()) progress.segment(source, segment);
    progress.clear();
    expect(stderr.text).toMatch(isTTY ? /^\r\x1b\[Kconverting {2}18 % {2}3 transitions {2}.*2\.0 KiB\r\x1b\[K$/ : /^$/);
  }
});
