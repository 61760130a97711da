/** The library as docs/library.md tells it: every example runs, against the built package, under its own name. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTrace, spansOf, transitionsOf, UserError } from '../../src/index.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const fixture = join(project, 'fixtures/go1.26-iter-pull.gotape.zip');
const folder = mkdtempSync(join(tmpdir(), 'gotape-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const examples = [...readFileSync(join(project, 'docs/library.md'), 'utf8').matchAll(/```js example\n(.*?)```/gs)];

describe('docs/library.md', () => {
  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(project, join(folder, 'node_modules/gotape'));
    copyFileSync(fixture, join(folder, 'app.gotape.zip'));
  });

  test('has examples', () => expect(examples.length).toBeGreaterThanOrEqual(4));

  test.each(examples.map(([, code = ''], i) => [i, code] as const))('example %d runs', (i, code) => {
    const file = join(folder, `example-${i}.mts`);
    writeFileSync(file, code);
    // Node 20 does not know `using`: a reader's bundler or TypeScript translates it.
    const tsx = join(project, 'node_modules/tsx/dist/loader.mjs');
    const run = spawnSync(process.execPath, ['--import', tsx, file], { cwd: folder, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.stdout).not.toBe('');
    expect(run.stdout).not.toMatch(/undefined|NaN/);
  });
});

describe('a trace', () => {
  test('is the same from a path, from bytes and from a Blob', async () => {
    const bytes = readFileSync(fixture);
    const lists: unknown[] = [];
    for (const from of [fixture, bytes, new Uint8Array(bytes), new Blob([bytes])]) {
      using trace = await openTrace(from);
      lists.push([trace.facts, trace.summary, await all(transitionsOf(trace)), await all(spansOf(trace))]);
    }
    for (const list of lists) expect(list).toEqual(lists[0]);
  });

  test('has as many transitions as its summary says, and spans that tile the lives of its goroutines', async () => {
    using trace = await openTrace(fixture);
    expect(await all(transitionsOf(trace))).toHaveLength(trace.summary!.transitions);
    const endByGoid = new Map<number, number>();
    for (const { goid, startNs, endNs } of await all(spansOf(trace))) {
      if (endByGoid.has(goid)) expect(startNs).toBe(endByGoid.get(goid));
      endByGoid.set(goid, endNs);
    }
    expect(endByGoid.size).toBeGreaterThan(1);
  });

  test('that is none is refused with a sentence', async () => {
    await expect(openTrace(Buffer.from('hello'))).rejects.toThrow(/^the trace is not a gotape trace/);
    await expect(openTrace(new Blob([]))).rejects.toBeInstanceOf(UserError);
    await expect(openTrace(join(folder, 'none'))).rejects.toThrow(/none: no such file/);
  });
});

describe('the package', () => {
  const npx = (...args: string[]) => execFileSync('npx', ['--no-install', ...args], { cwd: project, encoding: 'utf8' });

  test('passes publint', () => expect(npx('publint', '--strict', '--level', 'warning')).toContain('All good!'));

  // It ends with another status than 0 when anything is wrong.
  test('has types that resolve as a consumer sees them', () =>
    expect(npx('attw', '--pack', '.', '--profile', 'esm-only', '--format', 'ascii')).toContain('(ESM)'));

  test('compiles in a strict consumer, from what npm packs', () => {
    const consumer = join(folder, 'consumer');
    mkdirSync(join(consumer, 'node_modules/gotape'), { recursive: true });
    const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', consumer], {
      cwd: project,
      encoding: 'utf8',
    });
    const archive = join(consumer, packed.trim().split('\n').at(-1)!);
    execFileSync('tar', ['xzf', archive, '--strip-components=1', '-C', join(consumer, 'node_modules/gotape')]);
    // What the package itself depends on, as npm would put it beside.
    for (const name of ['apache-arrow', 'flatbuffers', 'long', 'protobufjs', '@types']) {
      symlinkSync(join(project, 'node_modules', name), join(consumer, 'node_modules', name));
    }
    writeFileSync(join(consumer, 'package.json'), '{"type":"module"}');
    writeFileSync(join(consumer, 'use.ts'), CONSUMER);
    const tsc = spawnSync(
      join(project, 'node_modules/.bin/tsc'),
      [
        '--strict',
        '--noEmit',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--lib',
        'es2023,esnext.disposable,dom',
        '--types',
        'node',
        'use.ts',
      ],
      { cwd: consumer, encoding: 'utf8' },
    );
    expect(tsc.stdout).toBe('');
    expect(tsc.status).toBe(0);
  });
});

const CONSUMER = `import { type GoroutineSpan, openTrace, type SpanKindName, spansOf, type Transition, transitionsOf } from 'gotape';
using trace = await openTrace('x');
const blob = await openTrace(new Blob([]));
const version: string = trace.facts.targets[0]?.goVersion ?? '';
const lost: number | undefined = blob.summary?.losses.dropped;
for await (const { transitions } of trace.segments()) transitions.timeNs satisfies Float64Array;
for await (const each of transitionsOf(trace)) each satisfies Transition;
const kinds: SpanKindName[] = [];
for await (const each of spansOf(trace)) kinds.push((each satisfies GoroutineSpan).kind);
export { kinds, lost, version };
`;
