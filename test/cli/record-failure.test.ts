/** A recorder that fails after it has started a command: the command must not notice. */
import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type * as Capture from '../../src/capture/index.js';
import { runRecord } from '../../src/cli/record.js';
import { describeWithBpf } from '../support/bpf-available.js';
import { Folder } from './gotape.js';

const launched: Capture.LaunchedCommand[] = [];

vi.mock('../../src/capture/index.js', async (importOriginal) => {
  const real = await importOriginal<typeof Capture>();
  return {
    ...real,
    Recording: class {
      constructor() {
        throw Object.assign(new Error('nothing can be attached'), { code: 'EIO' });
      }
    },
    launchStopped: async (file: string, args: readonly string[]) => {
      const command = await real.launchStopped(file, args);
      launched.push(command);
      return command;
    },
  };
});

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

function record(force: boolean) {
  const target = { kind: 'command', command: [folder.guest(), 'exit', '7'] } as const;
  const limits = { duration: undefined, maxSize: undefined, buffer: '1MiB', level: 3, notes: [] };
  const besides = { stacks: false, sched: false, calls: [] };
  const args = { target, output: folder.file('a.zip'), force, quiet: true, verbose: false, ...limits, ...besides };
  return runRecord({ stdout: new PassThrough(), stderr: new PassThrough(), env: {} }, args);
}

describeWithBpf('when probes cannot be attached', () => {
  test('the command runs, and no file is left', async () => {
    await expect(record(false)).rejects.toThrow('a.zip: nothing can be attached');
    expect(await launched.at(-1)?.exited).toBe(7);
    expect(folder.names()).toEqual(['guest']);
  });

  test('a file that was to be replaced is still there', async () => {
    writeFileSync(folder.file('a.zip'), 'mine');
    await expect(record(true)).rejects.toThrow('a.zip: nothing can be attached');
    expect(readFileSync(folder.file('a.zip'), 'utf8')).toBe('mine');
    await launched.at(-1)?.exited;
  });
});
