/** The tutorial stays true: its commands print what it says, and sick programs are found sick again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../src/analyze/analysis.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { buildGo } from '../support/go-build.js';
import { consoleBlocks, outputOf } from '../support/tutorial.js';
import { gotape } from './gotape.js';

describe('the tutorial', () => {
  test('has commands', () => {
    expect(consoleBlocks().length).toBeGreaterThan(8);
  });

  test.each(consoleBlocks())('prints what it says: $command', ({ command, output }) => {
    expect(outputOf(command)).toBe(output);
  });
});

describeWithBpf('its programs, recorded anew', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gotape-tutorial-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function analyzed(program: string): Promise<Analysis> {
    const trace = join(folder, `${program}.gotape.zip`);
    const executable = buildGo(`../../fixtures/programs/${program}/main.go`);
    expect((await gotape(['record', '-q', '--stacks', '-o', trace, '--', executable])).status).toBe(0);
    const { stdout } = await gotape(['analyze', '--json', '--section', 'block', trace]);
    return JSON.parse(stdout) as Analysis;
  }

  test('the convoy is found at the line that takes the lock', async () => {
    const { diagnosis } = await analyzed('convoy');
    expect(diagnosis[0]?.sentence).toMatch(/waiting for locks .*main\.\(\*ledger\)\.book .*main\.go:19/);
  });

  test('the leak is found at the line that makes it', async () => {
    const { leaks } = await analyzed('leak');
    expect(leaks.leaked).toBeGreaterThan(100);
    expect(leaks.sites[0]?.createdBy).toMatch(/^main\.price .*main\.go:17$/);
    expect(leaks.sites[0]?.frames.map((frame) => `${frame.function}:${frame.line}`)).toContain('main.price.func1:18');
  });

  test('the hogs are found by the name of their function', async () => {
    const { diagnosis } = await analyzed('starved');
    expect(diagnosis.find(({ rule }) => rule === 'hog')?.sentence).toContain('main.thumbnails');
  });
});
