/** A hundred thousand hostile traces; three minutes where two cores have nothing else to do (a longer run: npm run fuzz). */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runRepair } from '../../src/cli/repair.js';
import { pack, unpack } from '../trace/memory-file.js';
import { fuzz } from './fuzz.js';

const MUTANTS = 100_000;
const SECONDS = 600;
/** Of reading any one of them, on a machine that does other things. A bomb of 60 MiB takes 0.1 s. */
const SLOWEST_MS = 5000;
/** 64 MiB that a table may unpack to, twice, and what Node takes itself. */
const MAXIMUM_BYTES = 512 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'gotape-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

test(
  'any mutant ends in a result or one sentence, soon, in little memory, without a control character',
  async () => {
    const result = await fuzz({ firstMutant: 0, mutants: MUTANTS, seconds: SECONDS, workers: 2 });
    process.stderr.write(
      `fuzz: ${result.mutants} mutants in ${result.seconds.toFixed(0)} s, the slowest ${result.slowestMs.toFixed(0)} ms, ` +
        `${(result.peakRssBytes / 2 ** 20).toFixed(0)} MiB\n`,
    );
    expect(result.failures).toEqual([]);
    expect(result.mutants).toBe(MUTANTS);
    expect(result.slowestMs).toBeLessThan(SLOWEST_MS);
    expect(result.peakRssBytes).toBeLessThan(MAXIMUM_BYTES);
  },
  (SECONDS + 60) * 1000,
);

test('names of entries lead nowhere: a repair writes its output and nothing else', async () => {
  const sound = readFileSync(new URL('../../fixtures/go1.26-iter-pull.gotape.zip', import.meta.url));
  const names = ['../escaped', '/tmp/gotape-escaped', 'attachments/../../escaped', '..\\escaped', 'C:\\escaped'];
  const entries = unpack(sound).filter(({ name }) => name !== 'summary.pb');
  const hostile = [...entries, ...names.map((name) => ({ name, bytes: Buffer.from('x') }))];
  writeFileSync(join(folder, 'hostile.gotape.zip'), pack(hostile));
  const nowhere = { write: () => true } as unknown as NodeJS.WritableStream;
  const output = join(folder, 'repaired.gotape.zip');
  const args = { file: join(folder, 'hostile.gotape.zip'), output, force: false };
  const { exitCode } = await runRepair({ stdout: nowhere, stderr: nowhere, env: {} }, args);
  expect(exitCode).toBe(3);
  expect(readdirSync(folder).toSorted()).toEqual(['hostile.gotape.zip', 'repaired.gotape.zip']);
  expect(readdirSync(tmpdir()).filter((name) => name.includes('escaped'))).toEqual([]);
});
